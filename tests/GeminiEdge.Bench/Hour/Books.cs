using System.Collections.Immutable;
using GeminiEdge.Cli.Drill;

namespace GeminiEdge.Bench.Hour;

/// <summary>Looks at every edge now and then, and compares the beginning with the end.</summary>
internal sealed class Books(ImmutableArray<EdgeInstance> edges, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly List<(TimeSpan At, int Edge, Sample Sample)> _samples = [];

    /// <summary>Whoever has ended since.</summary>
    public int Ended { get; private set; }

    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Ended = edges.Length;
            foreach (var edge in edges)
            {
                if (Sample.Of(edge.ProcessId) is { } sample)
                {
                    _samples.Add((time.GetElapsedTime(began), edge.Number, sample));
                    Ended--;
                }
            }
        }
    }

    /// <summary>A row for each edge: medians of a stretch after the start, of one in the middle and of the last, and the most of all.</summary>
    public IEnumerable<string> Rows(TimeSpan length) => edges.Select(edge =>
    {
        var own = _samples.Where(sample => sample.Edge == edge.Number).ToList();
        var parts = new[] { (0.10, 0.20), (0.45, 0.55), (0.90, 1.0) }
            .Select(part => own.Where(sample => sample.At >= part.Item1 * length && sample.At < part.Item2 * length).Select(sample => sample.Sample).ToList())
            .Where(part => part.Count > 0).ToList();
        return $"| edge {edge.Number} | {Across(parts, own, s => s.Resident, "0.0")} MB | {Across(parts, own, s => s.Handles)} | {Across(parts, own, s => s.Sockets)} | {Across(parts, own, s => s.Threads)} |";
    });

    private static string Across(List<List<Sample>> parts, List<(TimeSpan At, int Edge, Sample Sample)> all, Func<Sample, double> what, string format = "0") =>
        $"{string.Join(", ", parts.Select(part => Median([.. part.Select(what)]).ToString(format, System.Globalization.CultureInfo.InvariantCulture)))}; {all.Max(sample => what(sample.Sample)).ToString(format, System.Globalization.CultureInfo.InvariantCulture)}";

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
