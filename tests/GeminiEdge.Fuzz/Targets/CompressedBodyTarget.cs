using System.IO.Compression;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>A Content-Encoding, and below it a compressed body: never more than the limit, and the same in pieces as at once.</summary>
internal static class CompressedBodyTarget
{
    private const int Limit = 32 << 10;

    public static void Run(byte[] input)
    {
        var (header, compressed) = FuzzInput.FirstLine(input);
        var codings = ContentCodings.Parse([header]);
        Promise.That(codings.Refusal is null || codings.Applied.IsEmpty, "What is refused is not undone.");
        Promise.That(codings.Refusal is null || codings.Refusal.EndsWith('.'), "A refusal is a sentence.");
        if (codings.Refusal is not null || codings.IsNone)
        {
            return;
        }

        var (whole, error) = Read(new MemoryStream(compressed), codings);
        var (inPieces, sameError) = Read(new PieceStream(compressed, FuzzInput.Seed(input)), codings);

        // What stands behind the end is taken for another part or not, as it comes; so one of the two may fail.
        Promise.That(error != sameError || whole.AsSpan().SequenceEqual(inPieces), "A body in pieces says what it does at once.");
        if (error == BodyError.None && codings.Applied is ["gzip"])
        {
            using var plain = new MemoryStream();
            using var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress);
            gzip.CopyTo(plain);
            Promise.That(whole.AsSpan().SequenceEqual(plain.ToArray()), "It is what any other reader finds in it.");
        }
    }

    private static (byte[] Bytes, BodyError Error) Read(Stream source, ContentCodings codings)
    {
        using var budget = new MemoryBudget(1 << 20);
        var (body, error) = RequestBody.ReadInflatedAsync(source, null, codings, Limit, budget, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Promise.That(body.Length <= Limit, "No more than the limit is taken.");
        var bytes = body.Memory.ToArray();
        body.Release();
        Promise.Same(0, budget.Used, "Its memory is given back.");
        return (bytes, error);
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class PieceStream(byte[] bytes, int seed) : MemoryStream(bytes)
    {
        private readonly Random _random = new(seed);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + _random.Next(9))], cancellationToken);
    }
}
