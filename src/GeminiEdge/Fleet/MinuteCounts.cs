using System.Collections.Immutable;

namespace GeminiEdge.Fleet;

/// <summary>Counts by minute, for the last hour; older ones give their place to newer ones. Not for several threads at once.</summary>
/// <param name="width">How many things are counted.</param>
internal sealed class MinuteCounts(int width)
{
    /// <summary>How many minutes are kept, the current one included.</summary>
    public const int Length = 60;

    private readonly long[] _minutes = new long[Length];
    private readonly int[] _counts = new int[Length * width];

    /// <summary>Counts one.</summary>
    /// <param name="minute">Minutes since 1970 in UTC.</param>
    /// <param name="column">What is counted.</param>
    public void Add(long minute, int column)
    {
        var row = (int)(minute % Length);
        if (_minutes[row] != minute)
        {
            _minutes[row] = minute;
            Array.Clear(_counts, row * width, width);
        }

        _counts[(row * width) + column]++;
    }

    /// <summary>The minutes of the hour before now in which anything was counted, in order: the minute, then its counts.</summary>
    public ImmutableArray<ImmutableArray<long>> Read(long now)
    {
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<long>>();
        for (var minute = Math.Max(1, now - Length + 1); minute <= now; minute++)
        {
            var row = (int)(minute % Length);
            if (_minutes[row] == minute)
            {
                rows.Add([minute, .. _counts.AsSpan(row * width, width).ToArray().Select(count => (long)count)]);
            }
        }

        return rows.ToImmutable();
    }
}
