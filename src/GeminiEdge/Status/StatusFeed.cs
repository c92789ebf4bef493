using GeminiEdge.Failover.Keys;
using GeminiEdge.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Status;

/// <summary>
/// Looks at the board twice a second while a page is open, and offers what is new to all of them: written once, however many
/// there are. Requests know nothing of it.
/// </summary>
internal sealed class StatusFeed : IDisposable
{
    public const int MostListeners = 200;

    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a listener hears nothing at most.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly List<StatusListener> _listeners = [];
    private readonly StatusNews _news;
    private readonly KeyMask _mask;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _stopping;
    private Deadline _signOfLife;
    private bool _isOver;

    public StatusFeed(StatusNews news, KeyMask mask, ILogger<StatusFeed> log, TimeProvider time, IHostApplicationLifetime? lifetime = null)
    {
        (_news, _mask, _log, _time) = (news, mask, log, time);
        _timer = time.CreateTimer(static feed => ((StatusFeed)feed!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _stopping = lifetime?.ApplicationStopping.Register(Stop) ?? default;
    }

    /// <summary>How many pages are open.</summary>
    public int Listeners
    {
        get
        {
            lock (_lock)
            {
                return _listeners.Count;
            }
        }
    }

    /// <summary>A listener from now on; null when there are as many as may be.</summary>
    public StatusListener? Join()
    {
        lock (_lock)
        {
            if (_listeners.Count >= MostListeners || _isOver)
            {
                return null;
            }

            if (_listeners.Count == 0)
            {
                _news.Skip();
                _signOfLife = Deadline.After(_time, Silence);
                _timer.Change(Interval, Timeout.InfiniteTimeSpan);
            }

            var listener = new StatusListener();
            _listeners.Add(listener);
            return listener;
        }
    }

    public void Leave(StatusListener listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _timer.Dispose();
        Stop();
    }

    // A page would keep the process from ending as long as an answer may.
    private void Stop()
    {
        lock (_lock)
        {
            _isOver = true;
            _listeners.ForEach(listener => listener.End());
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_listeners.Count == 0 || _isOver)
            {
                return;
            }

            Offer_NeedsLock();
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
    }

    private void Offer_NeedsLock()
    {
        byte[] events;
        try
        {
            events = _news.Read();
        }
#pragma warning disable CA1031 // A timer's fault would end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _log.InternalError("", e, _mask);
            return;
        }

        if (events.Length == 0 && _signOfLife.HasPassed(_time))
        {
            events = ": still here\n\n"u8.ToArray();
        }

        if (events.Length > 0)
        {
            _signOfLife = Deadline.After(_time, Silence);
            _listeners.ForEach(listener => listener.Offer(events));
        }
    }
}
