namespace GeminiEdge.Failover.Overload;

/// <summary>
/// The models for which requests wait because every key has just failed without being refused. Of those who wait for a model
/// one is its scout: it goes round again after each backoff, and the first good piece of any request for the model lets the
/// others go. So a storm is met by one waiter a model, not by all of them.
/// </summary>
internal sealed class Storms
{
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

            storm.Waiting++;
            return new Waiter(this, storm);
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

        public int Waiting { get; set; }

        public int Calms { get; set; }

        public Waiter? Scout { get; set; }

        public TaskCompletionSource News { get; private set; } = NewNews();

        public void Tell()
        {
            News.SetResult();
            News = NewNews();
        }

        private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>One request that waits for a model.</summary>
    internal sealed class Waiter : IDisposable
    {
        private readonly Storms _storms;
        private readonly Storm _storm;
        private int _seen;

        public Waiter(Storms storms, Storm storm)
        {
            (_storms, _storm) = (storms, storm);
            _seen = storm.Calms;
        }

        /// <summary>Whether it may go round again: the model has answered somebody, or this is its scout; and else when to ask again.</summary>
        public (bool May, Task News) Ask()
        {
            lock (_storms._lock)
            {
                if (_storm.Calms == _seen)
                {
                    _storm.Scout ??= this;
                }

                return (_storm.Calms != _seen || _storm.Scout == this, _storm.News.Task);
            }
        }

        /// <summary>It goes round again: good news counts from now on.</summary>
        public void Go()
        {
            lock (_storms._lock)
            {
                _seen = _storm.Calms;
            }
        }

        public void Dispose()
        {
            lock (_storms._lock)
            {
                if (--_storm.Waiting == 0)
                {
                    _storms._storms.Remove(_storm.Model);
                    _storms._count = _storms._storms.Count;
                }
                else if (_storm.Scout == this)
                {
                    // The next one who asks is the scout.
                    _storm.Scout = null;
                    _storm.Tell();
                }
            }
        }
    }
}
