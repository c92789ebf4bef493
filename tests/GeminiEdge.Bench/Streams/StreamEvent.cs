using System.Globalization;

namespace GeminiEdge.Bench.Streams;

/// <summary>A server-sent event in Gemini's shape, always of one length, that carries its number and when it was sent.</summary>
internal static class StreamEvent
{
    private const int NumberDigits = 5;
    private const int TimestampDigits = 19;

    private static readonly byte[] Start = """
        data: {"candidates": [{"content": {"parts": [{"text": "
        """u8.ToArray();

    private static readonly byte[] End = [.. """
         is as far as the story of the lighthouse keeper has come."}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 21,"candidatesTokenCount": 14,"totalTokenCount": 35,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 21}]},"modelVersion": "gemini-flash-latest","responseId": "b4W2aIuFH8mNvdIPxJ3aoAk"}
        """u8, .. "\r\n\r\n"u8];

    public static int Length { get; } = Start.Length + NumberDigits + 1 + TimestampDigits + End.Length;

    public static void Write(Span<byte> target, int number, long timestamp)
    {
        Start.CopyTo(target);
        target = target[Start.Length..];
        number.TryFormat(target, out _, "D5", CultureInfo.InvariantCulture);
        target[NumberDigits] = (byte)' ';
        target = target[(NumberDigits + 1)..];
        timestamp.TryFormat(target, out _, "D19", CultureInfo.InvariantCulture);
        End.CopyTo(target[TimestampDigits..]);
    }

    /// <summary>Reads an event back; every byte of it must be as it was sent.</summary>
    public static (int Number, long Timestamp) Read(ReadOnlySpan<byte> source)
    {
        if (!source.StartsWith(Start) || !source.EndsWith(End) || source[Start.Length + NumberDigits] != ' ')
        {
            throw new InvalidDataException("An event did not arrive as it was sent.");
        }

        var numbers = source[Start.Length..^End.Length];
        return (
            int.Parse(numbers[..NumberDigits], NumberStyles.None, CultureInfo.InvariantCulture),
            long.Parse(numbers[(NumberDigits + 1)..], NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
