using System.Collections.Immutable;
using GeminiEdge.Fleet;

namespace GeminiEdge.Status;

/// <summary>
/// What became of requests, by minute, and how long answers took to begin: counted in steps of a quarter, which is as exact as a
/// plot shows. Not for several threads at once.
/// </summary>
internal sealed class StatusMinutes
{
    private const int Requests = 0;
    private const int Failures = 1;
    private const int Failovers = 2;
    private const int Attempts = 3;
    private const int FirstStep = 4;
    private const int Steps = 56;
    private const double Step = 1.25;

    private static readonly double LogStep = Math.Log(Step);

    private readonly PeriodCounts _counts = new(StatusBoard.MinutesKept, FirstStep + Steps);

    public void AddRequest(long minute, bool failed)
    {
        _counts.Add(minute, Requests);
        if (failed)
        {
            _counts.Add(minute, Failures);
        }
    }

    /// <param name="began">How long until the answer began; null where there was none.</param>
    public void AddAttempt(long minute, bool failedOver, TimeSpan? began)
    {
        _counts.Add(minute, Attempts);
        if (failedOver)
        {
            _counts.Add(minute, Failovers);
        }

        if (began is { } duration)
        {
            _counts.Add(minute, FirstStep + StepOf(duration.TotalMilliseconds));
        }
    }

    public ImmutableArray<StatusMinute> Read(long now) => [.. _counts.Read(now).Select(Of)];

    private static int StepOf(double milliseconds) =>
        milliseconds <= 1 ? 0 : Math.Min(Steps - 1, (int)Math.Ceiling(Math.Log(milliseconds) / LogStep));

    private static StatusMinute Of(ImmutableArray<long> row)
    {
        var counts = row.AsSpan()[1..];
        var steps = counts[FirstStep..];
        return new StatusMinute(
            DateTimeOffset.FromUnixTimeSeconds(row[0] * 60), counts[Requests], counts[Failures], counts[Failovers], counts[Attempts], Quantile(steps, 0.5), Quantile(steps, 0.95));
    }

    /// <summary>The upper end of the step that holds it, in milliseconds.</summary>
    private static long? Quantile(ReadOnlySpan<long> steps, double share)
    {
        long all = 0;
        foreach (var count in steps)
        {
            all += count;
        }

        var left = (long)Math.Ceiling(all * share);
        for (var step = 0; step < steps.Length && all > 0; step++)
        {
            left -= steps[step];
            if (left <= 0)
            {
                return (long)Math.Round(Math.Pow(Step, step));
            }
        }

        return null;
    }
}

/// <summary>One minute of this instance.</summary>
/// <param name="At">Its beginning.</param>
/// <param name="Requests">Those that ended in it, unless their caller ended them.</param>
/// <param name="Failures">Of them, those that were answered with an error that was not the caller's.</param>
/// <param name="Failovers">Attempts that were followed by one with another key.</param>
/// <param name="Attempts">Those that ended in it.</param>
/// <param name="Median">Half of the answers began within so many milliseconds; null where there was none.</param>
/// <param name="P95">Nineteen of twenty answers did.</param>
internal readonly record struct StatusMinute(DateTimeOffset At, long Requests, long Failures, long Failovers, long Attempts, long? Median, long? P95);
