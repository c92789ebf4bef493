using System.Diagnostics;

namespace GeminiEdge.Failover.Overload;

/// <summary>
/// How long the models' first good pieces have taken lately, whole answers and streams apart. Bounded: callers name models.
/// </summary>
internal sealed class Latencies
{
    /// <summary>How many answers must have been measured before anything is said of a model.</summary>
    public const int Enough = 50;

    private const int Models = 100;
    private const int Kept = 512;
    private const int Refreshed = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Model, bool Streamed), Window> _windows = [];

    /// <summary>Notes an answer; of one that nobody waited for to the end, how long it had taken until then.</summary>
    public void Add(string model, bool streamed, TimeSpan took)
    {
        lock (_lock)
        {
            if (!_windows.TryGetValue((model, streamed), out var window))
            {
                if (_windows.Count >= Models)
                {
                    // What is asked for least is measured anew when it is asked for more.
                    _windows.Remove(_windows.MinBy(entry => entry.Value.Count).Key);
                }

                _windows.Add((model, streamed), window = new Window());
            }

            window.Add(took);
        }
    }

    /// <summary>Nineteen of twenty answers came sooner; null while too few are known.</summary>
    public TimeSpan? P95(string model, bool streamed)
    {
        lock (_lock)
        {
            return _windows.TryGetValue((model, streamed), out var window) && window.Count >= Enough ? window.P95() : null;
        }
    }

    private sealed class Window
    {
        private readonly long[] _ticks = new long[Kept];
        private readonly long[] _sorted = new long[Kept];
        private TimeSpan _p95;
        private long _readAt;

        public long Count { get; private set; }

        public void Add(TimeSpan took) => _ticks[Count++ % Kept] = took.Ticks;

        // Sorted anew now and then: each request asks.
        public TimeSpan P95()
        {
            Debug.Assert(Count > 0, "Nothing is said of what was not measured.");
            if (_readAt == 0 || Count - _readAt >= Refreshed)
            {
                var known = (int)Math.Min(Count, Kept);
                _ticks.AsSpan(0, known).CopyTo(_sorted);
                _sorted.AsSpan(0, known).Sort();
                (_p95, _readAt) = (TimeSpan.FromTicks(_sorted[(int)Math.Ceiling(0.95 * known) - 1]), Count);
            }

            return _p95;
        }
    }
}
