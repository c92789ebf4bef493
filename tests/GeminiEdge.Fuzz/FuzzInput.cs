using System.Text;

namespace GeminiEdge.Fuzz;

/// <summary>Takes an input apart. Most are files as they are in the world; some begin with a line that says how to read the rest.</summary>
internal static class FuzzInput
{
    /// <summary>Larger ones only take time.</summary>
    public const int Longest = 64 << 10;

    public static byte[] All(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>The first line, and what follows it.</summary>
    public static (string Line, byte[] Below) FirstLine(byte[] input)
    {
        var end = Array.IndexOf(input, (byte)'\n');
        return end < 0 ? (Letters(input), []) : (Letters(input.AsSpan(0, end)), input[(end + 1)..]);
    }

    /// <summary>Each byte a letter, as Kestrel takes a request line and headers.</summary>
    public static string Letters(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>As text that came as UTF-8.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>A number that the whole input decides, the same each time: for the sizes of pieces.</summary>
    public static int Seed(ReadOnlySpan<byte> bytes)
    {
        var seed = 2166136261u;
        foreach (var one in bytes)
        {
            seed = (seed ^ one) * 16777619u;
        }

        return (int)(seed & int.MaxValue);
    }
}
