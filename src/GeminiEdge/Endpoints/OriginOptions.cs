using GeminiEdge.Failover.Settings;

namespace GeminiEdge.Endpoints;

/// <summary>Under which origin clients reach the edge.</summary>
internal sealed record OriginOptions
{
    /// <summary>The edge's public origin, if configured, without a slash at the end.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>The Functions host stands before the app, and says in headers of its own which origin a client used.</summary>
    public required bool OnHost { get; init; }

    public static OriginOptions Read(SettingReader settings, bool onHost) => new()
    {
        PublicUrl = settings.Origin("GEMINI_EDGE_PUBLIC_URL", PlainHttp.Anywhere, "is the http(s):// address under which clients reach the edge, without query"),
        OnHost = onHost,
    };
}
