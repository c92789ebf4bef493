using System.Collections.Concurrent;
using GeminiEdge.Cli.Drill;

namespace GeminiEdge.Bench.Overload;

/// <summary>The others, who ask as ever: fifty times a second, on connections that they have.</summary>
internal sealed class Callers(EdgeInstance edge, EdgeClient client, TimeProvider time)
{
    private const int Crowd = 25;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks for so long.</summary>
    public async Task<Latency> AskAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var (times, faults) = (new ConcurrentBag<double>(), new ConcurrentBag<string>());
        var began = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Crowd).Select(async number =>
        {
            for (var due = number * Period / Crowd; due < length; due += Period)
            {
                var wait = due - time.GetElapsedTime(began);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, time, cancellationToken);
                }

                var asked = time.GetTimestamp();
                var exchange = await client.AskAsync(edge, Question.Whole, cancellationToken);
                times.Add(time.GetElapsedTime(asked).TotalMilliseconds);
                if (exchange.Fault is { } fault)
                {
                    faults.Add(fault);
                }
            }
        }));
        var sorted = times.Order().ToList();
        return new Latency(sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100], sorted.Count, [.. faults]);
    }
}

/// <summary>What callers waited, in ms, and the faults of those who got no answer.</summary>
internal sealed record Latency(double Median, double P99, int Count, IReadOnlyCollection<string> Faults);
