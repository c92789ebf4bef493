namespace GeminiEdge.Configuration;

/// <summary>The settings <c>GeminiEdge__*</c>.</summary>
internal sealed class EdgeOptions
{
    /// <summary>Which available key a request begins with. The default is <c>Ordered</c>.</summary>
    public KeySelection Selection { get; set; } = KeySelection.Ordered;

    /// <summary>From the request's last byte to the answer's first, all attempts together. The default is 200 s.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(200);

    /// <summary>What an attempt leaves of the deadline while another key could follow. The default is 30 s.</summary>
    public TimeSpan Reserve { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For opening a connection to the upstream. The default is 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a stream may be silent after its first byte. The default is 60 s.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the key vault is read while requests come; a rotation reaches an instance within 1.3 times this. The default is 30 s.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest request body, in bytes; upload bytes are not limited. The default is 20 MiB.</summary>
    public long BodyLimit { get; set; } = 20 << 20;

    /// <summary>All request bodies in memory together, in bytes. The default is 256 MiB.</summary>
    public long BufferLimit { get; set; } = 256 << 20;
}
