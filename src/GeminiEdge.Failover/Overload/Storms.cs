namespace GeminiEdge.Failover.Overload;

/// <summary>
/// The models for which requests wait because every key has just failed without being refused. Of those who wait for a model
/// one is its scout: it goes round again after each backoff, and the first good piece of any request for the model lets the
/// others go. So a storm is met by one waiter a model, not by all of them.
/// </summary>
internal sealed class Storms(TimeProvider time)
{
    /// <summary>A model that is overloaded says so at once: a scout that has heard nothing for so long is being served.</summary>
    public static readonly TimeSpan Served = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time = time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Storm> _storms = new(StringComparer.Ordinal);

    // Every good answer asks.
    private volatile int _count;

    /// <summary>Begins to wait for a model; whoever disposes of it waits no longer.</summary>
    public Waiter Join(string model)
    {
        lock (_lock)
        {
            if (!_storms.TryGetValue(model, out var storm))
            {
                _storms.Add(model, storm = new Storm(model));
                _count = _storms.Count;
            }

            var waiter = new Waiter(this, storm);
            storm.Waiters.Add(waiter);
            return waiter;
        }
    }

    /// <summary>A request for the model has got its first good piece.</summary>
    public void Calm(string model)
    {
        if (_count == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (_storms.TryGetValue(model, out var storm))
            {
                storm.Calms++;
                storm.Tell();
            }
        }
    }

    /// <summary>One model's.</summary>
    internal sealed class Storm(string model)
    {
        public string Model => model;

        /// <summary>Who came last stands last.</summary>
        public List<Waiter> Waiters { get; } = [];

        public int Calms { get; set; }

        public Waiter? Scout { get; set; }

        /// <summary>When the scout went round; null while it waits.</summary>
        public long? ScoutWent { get; set; }

        public TaskCompletionSource News { get; private set; } = NewNews();

        public void Tell()
        {
            News.SetResult();
            News = NewNews();
        }

        private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>One request that waits for a model.</summary>
    internal sealed class Waiter(Storms storms, Storm storm) : IDisposable
    {
        private int _seen = storm.Calms;

        public string Model => storm.Model;

        /// <summary>Completes when it should ask again.</summary>
        public Task News
        {
            get
            {
                lock (storms._lock)
                {
                    return storm.News.Task;
                }
            }
        }

        /// <summary>The model has answered somebody since this one went round last.</summary>
        public bool IsCalm
        {
            get
            {
                lock (storms._lock)
                {
                    return storm.Calms != _seen;
                }
            }
        }

        /// <summary>Whether it may go round to find out: it is the scout, or the scout seems to be served; and else when that may be.</summary>
        public (bool May, TimeSpan AskAgainIn) Ask()
        {
            lock (storms._lock)
            {
                storm.Scout ??= this;
                if (storm.Scout == this)
                {
                    return (true, TimeSpan.Zero);
                }

                var left = storm.ScoutWent is { } went ? Served - storms._time.GetElapsedTime(went) : TimeSpan.MaxValue;
                return (left <= TimeSpan.Zero, left);
            }
        }

        /// <summary>It goes round again: good news counts from now on.</summary>
        public void Go()
        {
            lock (storms._lock)
            {
                _seen = storm.Calms;
                if (storm.Scout == this)
                {
                    storm.ScoutWent = storms._time.GetTimestamp();
                    storm.Tell();
                }
            }
        }

        /// <summary>It asks once more in the same round: what it heard so far was no answer.</summary>
        public void AskOn()
        {
            lock (storms._lock)
            {
                storm.ScoutWent = storm.Scout == this && storm.ScoutWent is not null ? storms._time.GetTimestamp() : storm.ScoutWent;
            }
        }

        /// <summary>It has gone round in vain.</summary>
        public void ComeBack()
        {
            lock (storms._lock)
            {
                storm.ScoutWent = storm.Scout == this ? null : storm.ScoutWent;
            }
        }

        public void Dispose()
        {
            lock (storms._lock)
            {
                storm.Waiters.Remove(this);
                if (storm.Waiters.Count == 0)
                {
                    storms._storms.Remove(storm.Model);
                    storms._count = storms._storms.Count;
                }
                else if (storm.Scout == this)
                {
                    // Whoever came last has the most patience left: the first would go round once, and leave too.
                    (storm.Scout, storm.ScoutWent) = (storm.Waiters[^1], null);
                    storm.Tell();
                }
            }
        }
    }
}
