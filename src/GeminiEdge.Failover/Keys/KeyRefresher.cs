namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Keeps the ring fresh on use, without a background service: says when the keys are read again, and who waits for it.
/// <code>
/// age of the ring   0 ────────────── interval ± 20 % ────────── 1.5 × interval ──────────▶
/// a request         takes it         takes it, starts one read   waits for that read, ≤ 2 s
/// </code>
/// </summary>
/// <remarks>
/// After a read that failed nobody waits for 30 s. Without any key requests wait up to 10 s, and the read is repeated
/// each second. There is one read at a time.
/// </remarks>
internal sealed class KeyRefresher(KeyOptions options, KeySources sources, KeyRingProvider ring, Jitter jitter, TimeProvider time)
{
    /// <summary>How long a request waits for a read while it has a ring to go on with.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>How long a request waits for a first key.</summary>
    public static readonly TimeSpan LongestWaitForAKey = TimeSpan.FromSeconds(10);

    /// <summary>How long nobody waits after a read that failed, or that took longer than anyone waits.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(30);

    /// <summary>The least time between two reads that refused keys ask for.</summary>
    public static readonly TimeSpan RereadInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan EmptyInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<VaultTrouble?> _reading = Task.FromResult<VaultTrouble?>(null);
    private bool _isWholeReading;
    private bool _isQueued;
    private Deadline _due;
    private Deadline _stale;
    private Deadline _calm;
    private Deadline _nextReread;

    // The part of it that every request looks at; the deadlines above are the lock's.
    private long _freshUntil = long.MinValue;

    /// <summary>Takes the keys given at start now, and begins to read the vault's; nothing waits for a vault that is down.</summary>
    public void Start()
    {
        sources.ReadStartKeys();
        Touch();
    }

    /// <summary>The ring for a request, refreshed if it is time.</summary>
    public ValueTask<KeyRing> CurrentAsync(CancellationToken cancellationToken)
    {
        var current = ring.Current;
        return !sources.HasVault || (!current.Keys.IsEmpty && time.GetTimestamp() < Volatile.Read(ref _freshUntil))
            ? new ValueTask<KeyRing>(current)
            : RefreshedAsync(cancellationToken);
    }

    /// <summary>Begins a read if one is due, and doesn't wait: whoever only looks keeps an unused edge on its way back too.</summary>
    public void Touch()
    {
        if (sources.HasVault)
        {
            lock (_lock)
            {
                BeginIfDue_NeedsLock();
            }
        }
    }

    /// <summary>Reads every slot now.</summary>
    /// <returns>Whether the ring changed, and why the vault could not be read.</returns>
    public async ValueTask<(bool Changed, VaultTrouble? Trouble)> RefreshAsync(CancellationToken cancellationToken)
    {
        var before = ring.Current;
        if (!sources.HasVault)
        {
            sources.ReadStartKeys();
            return (ring.Current != before, null);
        }

        Task<VaultTrouble?> reading;
        lock (_lock)
        {
            // One that is running may have read a slot before it was changed.
            reading = BeginWhole_NeedsLock(joinsWhole: false);
        }

        var trouble = await reading.WaitAsync(cancellationToken);
        return (ring.Current != before, trouble);
    }

    /// <summary>Google refused a key as invalid: its slot may hold a new one already. Doesn't wait.</summary>
    public void KeyWasRefused()
    {
        if (!sources.HasVault)
        {
            return;
        }

        lock (_lock)
        {
            if (_nextReread.HasPassed(time))
            {
                _nextReread = Deadline.After(time, RereadInterval);
                BeginWhole_NeedsLock(joinsWhole: true);
            }
        }
    }

    /// <summary>For a request that no key of its ring answered: a newer ring, after a short wait for the read that is under way.</summary>
    /// <returns>Null when there is none.</returns>
    public async ValueTask<KeyRing?> NewerAsync(KeyRing seen, CancellationToken cancellationToken)
    {
        Task reading;
        lock (_lock)
        {
            reading = _reading;
        }

        // Even while others are spared the wait: this request has nothing to go on with.
        if (ring.Current == seen)
        {
            await WaitAsync(reading, LongestWait, cancellationToken);
        }

        return ring.Current is var current && current != seen ? current : null;
    }

    private async ValueTask<KeyRing> RefreshedAsync(CancellationToken cancellationToken)
    {
        if (ring.Current.Keys.IsEmpty)
        {
            return await FirstAsync(cancellationToken);
        }

        Task reading;
        bool waits;
        lock (_lock)
        {
            reading = BeginIfDue_NeedsLock();
            waits = _stale.HasPassed(time) && _calm.HasPassed(time);
        }

        if (waits && !await WaitAsync(reading, LongestWait, cancellationToken))
        {
            // It is as good as failed: later requests would wait as long, and in vain.
            lock (_lock)
            {
                _calm = Deadline.After(time, Calm);
            }
        }

        return ring.Current;
    }

    private async ValueTask<KeyRing> FirstAsync(CancellationToken cancellationToken)
    {
        var patience = Deadline.After(time, LongestWaitForAKey);
        while (ring.Current.Keys.IsEmpty && !patience.HasPassed(time))
        {
            Task reading;
            TimeSpan pause;
            lock (_lock)
            {
                reading = BeginIfDue_NeedsLock();
                pause = _due.Remaining(time);
            }

            if (reading.IsCompleted)
            {
                await Task.Delay(Shorter(pause, patience.Remaining(time)), time, cancellationToken);
            }
            else
            {
                await WaitAsync(reading, patience.Remaining(time), cancellationToken);
            }
        }

        return ring.Current;
    }

    private Task<VaultTrouble?> BeginIfDue_NeedsLock()
    {
        if (_reading.IsCompleted && _due.HasPassed(time))
        {
            Begin_NeedsLock(after: Task.CompletedTask, whole: ring.Current.Keys.IsEmpty);
        }

        return _reading;
    }

    private Task<VaultTrouble?> BeginWhole_NeedsLock(bool joinsWhole)
    {
        if (_reading.IsCompleted || !_isWholeReading || !(joinsWhole || _isQueued))
        {
            Begin_NeedsLock(after: _reading, whole: true);
        }

        return _reading;
    }

    private void Begin_NeedsLock(Task after, bool whole)
    {
        _isWholeReading = whole;
        _isQueued = !after.IsCompleted;

        // Away from the request's thread, which holds the lock: the SDK works before its first wait.
        _reading = Task.Run(async () =>
        {
            await after.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await ReadAsync(whole);
        });
    }

    private async Task<VaultTrouble?> ReadAsync(bool whole)
    {
        lock (_lock)
        {
            _isQueued = false;
        }

        var began = time.GetTimestamp();
        var (trouble, again) = await sources.ReadVaultAsync(whole);
        var interval = options.RefreshInterval;
        lock (_lock)
        {
            // Counted from its beginning: what a secret became meanwhile was not read.
            var age = time.GetElapsedTime(began);
            var next = again ? TimeSpan.Zero : ring.Current.Keys.IsEmpty ? Shorter(EmptyInterval, interval) : interval * (0.8 + (0.4 * jitter()));
            _due = Deadline.After(time, next - age);
            if (trouble is null)
            {
                _stale = Deadline.After(time, (1.5 * interval) - age);
                _calm = default;
            }
            else
            {
                _calm = Deadline.After(time, Calm);
            }

            Volatile.Write(ref _freshUntil, _due.Timestamp);
        }

        return trouble;
    }

    /// <returns>Whether it ended in time; a read that fails is no failure of whoever waits.</returns>
    private async ValueTask<bool> WaitAsync(Task reading, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await reading.WaitAsync(limit, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
