using System.Buffers;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>
/// An answer as it comes, events or an array or one object: in pieces of any size it holds the same as at once, and passes
/// byte for byte.
/// </summary>
internal static class AnswerStreamTarget
{
    private const int Tight = 256;

    public static void Run(byte[] input)
    {
        var seed = FuzzInput.Seed(input);
        var whole = Read(input, ForwardRequest.FirstPieceLimit, [Math.Max(1, input.Length)]);
        var few = Short(input);
        foreach (var sizes in (int[][])[[1], [7], Sizes(seed)])
        {
            var pieces = Read(input, ForwardRequest.FirstPieceLimit, sizes);
            Promise.That(input.Length >= ForwardRequest.FirstPieceLimit || AreSame(whole, pieces), "An answer in pieces holds what it does at once.");

            // What is larger than the limit is passed over, and nothing else.
            var small = Read(input, Tight, sizes);
            Promise.That(IsPart(small, whole), "What a tight limit leaves is found with a wide one, in the same order.");
            Promise.That(IsPart(few, small), "What is shorter than a tight limit is found with it.");

            Pass(input, ForwardRequest.FirstPieceLimit, sizes, input.Length < ForwardRequest.FirstPieceLimit ? whole : null, []);
            Pass(input, Tight, sizes, null, few);
        }
    }

    /// <summary>As an answer is read of which each piece is wanted and its bytes are not.</summary>
    private static List<byte[]> Read(byte[] input, int limit, int[] sizes)
    {
        using var scanner = new AnswerScanner(limit);
        List<byte[]> pieces = [];
        foreach (var chunk in Chunks(input, sizes))
        {
            scanner.Append(chunk.Span);
            while (scanner.TryReadPiece(out var piece))
            {
                pieces.Add(piece.ToArray());
            }

            scanner.DropRead();
        }

        if (scanner.TryReadLastPiece(out var last))
        {
            pieces.Add(last.ToArray());
        }

        return pieces;
    }

    /// <summary>The pieces that no tight limit keeps from being seen: all that stands between the one before and their own end is shorter.</summary>
    private static List<byte[]> Short(byte[] input)
    {
        using var scanner = new AnswerScanner(ForwardRequest.FirstPieceLimit);
        scanner.Append(input);
        List<byte[]> pieces = [];
        var before = 0;
        while (scanner.TryReadPiece(out var piece))
        {
            var bytes = scanner.LastPiece;
            _ = scanner.Bytes.Span.Overlaps(bytes, out var start);
            if (start + bytes.Length - Math.Min(before, start) < Tight)
            {
                pieces.Add(piece.ToArray());
            }

            before = start + bytes.Length;
        }

        return pieces;
    }

    /// <summary>As an answer goes on to its caller while it is looked at.</summary>
    private static void Pass(byte[] input, int limit, int[] sizes, List<byte[]>? expected, List<byte[]> least)
    {
        using var scanner = new AnswerScanner(limit);
        var output = new ArrayBufferWriter<byte>();
        List<byte[]> pieces = [];
        var isWhole = true;
        foreach (var chunk in Chunks(input, sizes))
        {
            scanner.Append(chunk.Span);
            Look();
            if (!scanner.PassTo(output, toEnd: false))
            {
                isWhole = false;
                break;
            }

            Promise.That(input.AsSpan().StartsWith(output.WrittenSpan), "What passes is what came.");
        }

        if (!isWhole)
        {
            Promise.That(input.AsSpan().StartsWith(output.WrittenSpan), "What passed before an error that is too large is what came.");
            return;
        }

        while (scanner.TryReadLastPiece(out var last))
        {
            pieces.Add(last.ToArray());
            _ = scanner.LastPiece.Length;
        }

        _ = scanner.Held.Length;
        scanner.PassTo(output, toEnd: true);
        Promise.That(output.WrittenSpan.SequenceEqual(input), "At the end all has passed, byte for byte.");
        Promise.That(expected is null || AreSame(expected, pieces), "What passes is looked at as a whole answer is.");
        Promise.That(IsPart(least, pieces), "What is shorter than a tight limit is looked at with it.");

        void Look()
        {
            while (scanner.TryReadPiece(out var piece))
            {
                pieces.Add(piece.ToArray());
                _ = scanner.LastPiece.Length;
            }
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Chunks(byte[] input, int[] sizes)
    {
        for (var (at, turn) = (0, 0); at < input.Length; turn++)
        {
            var size = Math.Min(sizes[turn % sizes.Length], input.Length - at);
            yield return input.AsMemory(at, size);
            at += size;
        }
    }

    private static int[] Sizes(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 16).Select(_ => 1 + random.Next(1 << random.Next(1, 10)))];
    }

    private static bool AreSame(List<byte[]> some, List<byte[]> others) =>
        some.Count == others.Count && some.Zip(others).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

    private static bool IsPart(List<byte[]> some, List<byte[]> all)
    {
        var at = 0;
        foreach (var one in some)
        {
            while (at < all.Count && !one.AsSpan().SequenceEqual(all[at]))
            {
                at++;
            }

            if (at++ == all.Count)
            {
                return false;
            }
        }

        return true;
    }
}
