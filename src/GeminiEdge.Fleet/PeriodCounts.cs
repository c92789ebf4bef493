using System.Collections.Immutable;

namespace GeminiEdge.Fleet;

/// <summary>Counts by minute or hour, for the last of them; older ones give their place to newer ones. Not for several threads at once.</summary>
/// <param name="length">How many periods are kept, the current one included.</param>
/// <param name="width">How many things are counted.</param>
/// <param name="leave">Hears of a period that gives its place to a newer one, and of its counts.</param>
internal sealed class PeriodCounts(int length, int width, Action<long, long, ReadOnlySpan<int>>? leave = null)
{
    private readonly long[] _periods = new long[length];
    private readonly int[] _counts = new int[length * width];

    /// <summary>Counts one, or more.</summary>
    /// <param name="period">Minutes, or hours, since 1970 in UTC.</param>
    /// <param name="column">What is counted.</param>
    public void Add(long period, int column, int count = 1)
    {
        var row = (int)(period % length);
        if (_periods[row] != period)
        {
            leave?.Invoke(_periods[row], period, _counts.AsSpan(row * width, width));
            _periods[row] = period;
            Array.Clear(_counts, row * width, width);
        }

        _counts[(row * width) + column] += count;
    }

    /// <summary>Every period that still has its place, however old it is, in no order.</summary>
    public IEnumerable<(long Period, ArraySegment<int> Counts)> Kept() =>
        Enumerable.Range(0, length).Where(row => _periods[row] > 0).Select(row => (_periods[row], new ArraySegment<int>(_counts, row * width, width)));

    /// <summary>The periods up to now in which anything was counted, in order: the period, then its counts.</summary>
    public ImmutableArray<ImmutableArray<long>> Read(long now)
    {
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<long>>();
        for (var period = Math.Max(1, now - length + 1); period <= now; period++)
        {
            var row = (int)(period % length);
            if (_periods[row] == period)
            {
                rows.Add([period, .. _counts.AsSpan(row * width, width).ToArray().Select(count => (long)count)]);
            }
        }

        return rows.ToImmutable();
    }
}
