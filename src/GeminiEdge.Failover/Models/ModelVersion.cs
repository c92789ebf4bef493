using System.Text;

namespace GeminiEdge.Failover.Models;

/// <summary>A version that answers have named: the bytes to compare with, and what is remembered of it.</summary>
internal sealed class ModelVersion
{
    private const int Longest = 128;

    private readonly byte[] _utf8;

    private ModelVersion(ReadOnlySpan<byte> utf8) => (_utf8, Text) = (utf8.ToArray(), Encoding.ASCII.GetString(utf8));

    /// <summary>Printable ASCII, 1 to 128 characters: it is a header's value as it is.</summary>
    public string Text { get; }

    /// <summary>When an answer named it last, as a timestamp.</summary>
    public long SeenAt { get; set; }

    /// <summary>The log has named it: seen again, it is no news.</summary>
    public bool IsTold { get; set; }

    /// <summary>The log has said that it breaks its model's pin.</summary>
    public bool IsPinTold { get; set; }

    /// <summary>The version; null when it can't be one.</summary>
    public static ModelVersion? Create(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= Longest && !utf8.ContainsAnyExceptInRange((byte)'!', (byte)'~') && !utf8.ContainsAny((byte)'"', (byte)'\\')
            ? new ModelVersion(utf8)
            : null;

    public bool Is(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual(_utf8);
}
