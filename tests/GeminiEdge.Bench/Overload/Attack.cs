using System.Collections.Immutable;
using System.Globalization;

namespace GeminiEdge.Bench.Overload;

/// <summary>A crowd that takes what the edge has, each of it again and again until it is over.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="What">For the table.</param>
/// <param name="Crowd">How many there are at once.</param>
/// <param name="OneAsync">What one of them does once.</param>
internal sealed record Attack(string Name, string What, int Crowd, Func<Attacker, CancellationToken, Task> OneAsync)
{
    private const string Native = "/v1beta/models/" + Upstream.FloodModel;
    private const int LargeBody = 19 << 20;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly byte[] Piece = [.. Enumerable.Repeat((byte)' ', 64 << 10)];
    private static readonly string Headers = string.Concat(Enumerable.Range(0, 64).Select(i => string.Create(CultureInfo.InvariantCulture, $"x-flood-{i}: {new string('x', 1000)}\r\n")));

    public static readonly ImmutableArray<Attack> All =
    [
        new("idle", "10,000 connections on which nothing comes", 10_000, static (one, cancellationToken) => one.ReadAsync(cancellationToken)),
        new("slow-writers", "1,000 who send a byte of their body a second", 1000, SlowWriteAsync),
        new("slow-readers", "1,000 who read a byte a second of an answer of 8 MiB", 1000, SlowReadAsync),
        new("headers", "500 floods of 64 KiB of headers a second", 50, FloodAsync),
        new("bodies", "1,000 bodies of 19 MiB at once", 1000, SendBodyAsync),
        new("streams", "1,000 streams that nobody reads", 1000, static async (one, cancellationToken) =>
        {
            await one.WriteAsync(one.Head("POST", $"{Native}:streamGenerateContent?alt=sse", 2) + "{}", cancellationToken);
            await one.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        }),
    ];

    private static async Task SlowWriteAsync(Attacker one, CancellationToken cancellationToken)
    {
        await one.WriteAsync(one.Head("POST", $"{Native}:generateContent", 10_000), cancellationToken);
        var answer = one.ReadAsync(cancellationToken);
        while (!answer.IsCompleted)
        {
            await one.WriteAsync(" ", cancellationToken);
            await one.WaitAsync(Second, cancellationToken);
        }

        await answer;
    }

    private static async Task SlowReadAsync(Attacker one, CancellationToken cancellationToken)
    {
        await one.WriteAsync(one.Head("POST", $"{Native}:generateContent", 2) + "{}", cancellationToken);
        while (await one.ReadByteAsync(cancellationToken))
        {
            await one.WaitAsync(Second, cancellationToken);
        }
    }

    private static async Task FloodAsync(Attacker one, CancellationToken cancellationToken)
    {
        await one.WriteAsync(one.Head("POST", $"{Native}:generateContent", 2, Headers) + "{}", cancellationToken);
        await one.ReadAsync(cancellationToken);
        await one.WaitAsync(TimeSpan.FromMilliseconds(100), cancellationToken);
    }

    private static async Task SendBodyAsync(Attacker one, CancellationToken cancellationToken)
    {
        await one.WriteAsync(one.Head("POST", $"{Native}:generateContent", LargeBody), cancellationToken);
        var answer = one.ReadAsync(cancellationToken);
        for (var sent = 0; sent < LargeBody && !answer.IsCompleted; sent += Piece.Length)
        {
            await one.WriteAsync(Piece.AsMemory(0, Math.Min(Piece.Length, LargeBody - sent)), cancellationToken);
        }

        // Whoever was sent away does as he was told, and comes again a second later.
        await answer;
        await one.WaitAsync(Second, cancellationToken);
    }
}
