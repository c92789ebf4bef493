using System.Threading.Tasks.Sources;

namespace GeminiEdge.Endpoints;

/// <summary>
/// Waits for the next bytes of an answer and for the caller's own silence at once. Whoever waits is told which came first,
/// and so writes both the answer and the signs of life: nobody else could get in between. One object and at most one timer
/// for a whole stream.
/// </summary>
internal sealed class SilenceWatch : IValueTaskSource<bool>, IDisposable
{
    /// <summary>How long a caller may hear nothing: proxies on the way close a line that is silent for a minute or less.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Action _cameCallback;
    private ManualResetValueTaskSourceCore<bool> _signal;
    private Task? _reading;
    private ITimer? _timer;
    private long _lastSent;
    private bool _isWaiting;

    public SilenceWatch(TimeProvider time)
    {
        (_time, _lastSent) = (time, time.GetTimestamp());
        _cameCallback = Came;
    }

    private TimeSpan Left => Limit - _time.GetElapsedTime(Volatile.Read(ref _lastSent));

    /// <summary>Something went to the caller.</summary>
    public void Sent() => Volatile.Write(ref _lastSent, _time.GetTimestamp());

    /// <summary>Waits for a read that is under way.</summary>
    /// <returns>True when it has ended; false when it is time for a sign of life, after which the same read is waited for again.</returns>
    public ValueTask<bool> WaitAsync(Task reading)
    {
        bool isNew, isDue;
        lock (_lock)
        {
            isNew = _reading != reading;
            (_reading, _isWaiting) = (reading, true);
            _signal.Reset();
            var left = Left;
            isDue = left <= TimeSpan.Zero;
            _timer ??= _time.CreateTimer(static watch => ((SilenceWatch)watch!).Look(), this, isDue ? Limit : left, Timeout.InfiniteTimeSpan);
        }

        if (isNew)
        {
            reading.GetAwaiter().UnsafeOnCompleted(_cameCallback);
        }
        else
        {
            // It may have ended while the sign of life was written, when nobody waited.
            Came();
        }

        if (isDue)
        {
            // The time has passed while nobody waited.
            Tell(hasCome: false);
        }

        return new ValueTask<bool>(this, _signal.Version);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isWaiting = false;
            _timer?.Dispose();
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private void Came() => Tell(hasCome: true);

    // The timer looks once in a while; setting it anew for each read would cost each of them.
    private void Look()
    {
        lock (_lock)
        {
            var left = Left;
            _timer!.Change(left > TimeSpan.Zero ? left : Limit, Timeout.InfiniteTimeSpan);
            if (left > TimeSpan.Zero)
            {
                return;
            }
        }

        Tell(hasCome: false);
    }

    private void Tell(bool hasCome)
    {
        lock (_lock)
        {
            // An earlier read may tell late that it has ended.
            if (!_isWaiting || (hasCome && !_reading!.IsCompleted))
            {
                return;
            }

            _isWaiting = false;
        }

        // The one who waits goes on in here, so not under the lock.
        _signal.SetResult(hasCome);
    }
}
