using System.Collections.Concurrent;
using System.Globalization;
using GeminiEdge.Cli.Drill;

namespace GeminiEdge.Bench.Overload;

/// <summary>The others, who ask as ever: fifty times a second, on connections that they have.</summary>
internal static class Callers
{
    public const string Role = "--callers";

    private const int Crowd = 25;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(15);

    /// <summary>At each line of standard input asks for fifteen seconds, and says how that went.</summary>
    public static async Task<int> RunAsync(Uri edge, string clientKey, TimeProvider time, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = Patience };
        while (await Console.In.ReadLineAsync(cancellationToken) is not null)
        {
            await Console.Out.WriteLineAsync((await AskAsync(client, edge, clientKey, time, cancellationToken)).ToString());
        }

        return 0;
    }

    private static async Task<Latency> AskAsync(HttpClient client, Uri edge, string clientKey, TimeProvider time, CancellationToken cancellationToken)
    {
        var (times, faults) = (new ConcurrentBag<double>(), new ConcurrentBag<string>());
        var began = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Crowd).Select(async number =>
        {
            for (var due = number * Period / Crowd; due < Measured; due += Period)
            {
                var wait = due - time.GetElapsedTime(began);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, time, cancellationToken);
                }

                var asked = time.GetTimestamp();
                try
                {
                    using var request = Question.Whole.ToRequest(edge, clientKey);
                    using var answer = await client.SendAsync(request, cancellationToken);
                    if (AnswerCheck.Fault(Question.Whole, (int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken)) is { } fault)
                    {
                        faults.Add(fault);
                    }
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
                {
                    faults.Add(e.GetType().Name);
                }

                times.Add(time.GetElapsedTime(asked).TotalMilliseconds);
            }
        }));
        var sorted = times.Order().ToList();
        return new Latency(sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100], sorted.Count, [.. faults]);
    }
}

/// <summary>What callers waited, in ms, and the faults of those who got no answer.</summary>
internal sealed record Latency(double Median, double P99, int Count, IReadOnlyList<string> Faults)
{
    public static Latency Parse(string line) =>
        line.Split(' ') is [var median, var p99, var count, .. var faults]
            ? new Latency(double.Parse(median, CultureInfo.InvariantCulture), double.Parse(p99, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture), faults)
            : throw new FormatException();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:0.0} {P99:0.0} {Count}{string.Concat(Faults.Select(fault => $" {fault}"))}");
}
