namespace GeminiEdge.Failover.Forwarding;

/// <summary>Which HTTP the upstream is spoken to in; docs/adr/0005 says why.</summary>
internal enum UpstreamHttp
{
    /// <summary>A connection for each request under way, from a pool.</summary>
    Http11,

    /// <summary>Many requests on each connection, where the upstream speaks it. Upload bytes keep a connection of their own.</summary>
    Http2,
}
