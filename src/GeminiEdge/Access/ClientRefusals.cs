using Microsoft.Extensions.Logging;

namespace GeminiEdge.Access;

/// <summary>
/// Tells of callers who were refused, at most once a second: whoever guesses keys must not be able to fill the log. The first
/// refusal is told at once, those of the next second together at its end.
/// </summary>
internal sealed class ClientRefusals(ILogger<ClientRefusals> log, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private bool _waits;
    private int _areas;
    private long _count;

    /// <summary>Counts a caller who was refused there.</summary>
    public void Add(Area area)
    {
        (long, string) line;
        lock (_lock)
        {
            _areas |= 1 << (int)area;
            _count++;
            if (_waits)
            {
                return;
            }

            line = Take_NeedsLock();
        }

        Tell(line);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        Look();
    }

    private void Look()
    {
        (long, string) line;
        lock (_lock)
        {
            _waits = false;
            if (_count == 0)
            {
                return;
            }

            line = Take_NeedsLock();
        }

        Tell(line);
    }

    /// <summary>What is told now; the next is told in a second.</summary>
    private (long Count, string Areas) Take_NeedsLock()
    {
        var areas = Enum.GetValues<Area>().Where(area => (_areas & (1 << (int)area)) != 0).Select(area => area.ToString().ToLowerInvariant());
        var line = (_count, string.Join(',', areas));
        (_count, _areas, _waits) = (0, 0, true);
        _timer ??= time.CreateTimer(static refusals => ((ClientRefusals)refusals!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        return line;
    }

    private void Tell((long Count, string Areas) line) => log.ClientRefused(line.Count, line.Areas);
}
