namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Lets one request at a time try a key that memory says is no good, so that an edge neither stays dark because of
/// its own memory nor hammers. Starts open; each failed try closes it, twice as long each time. Not thread-safe: its
/// key's lock guards it.
/// </summary>
internal sealed class Gate(TimeProvider time)
{
    /// <summary>How long the first failed try closes the gate.</summary>
    public static readonly TimeSpan FirstClosure = TimeSpan.FromSeconds(1);

    /// <summary>How long it closes at most.</summary>
    public static readonly TimeSpan LongestClosure = TimeSpan.FromSeconds(30);

    /// <summary>How long a try that hears nothing keeps others out.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(10);

    private TimeSpan _nextClosure = FirstClosure;
    private Deadline _closed;
    private Deadline _held;
    private int _holder;
    private TaskCompletionSource? _news;

    /// <summary>A try would be let in now.</summary>
    public bool IsOpen => _closed.HasPassed(time) && !IsHeld;

    /// <summary>A try is under way.</summary>
    public bool IsHeld => !_held.HasPassed(time);

    /// <summary>How long the try that is under way keeps others out at most.</summary>
    public TimeSpan HeldFor => _held.Remaining(time);

    /// <summary>
    /// Completes when the try that is under way has ended, however, or when there is other news of the key; not when it has
    /// only taken too long.
    /// </summary>
    public Task News => (_news ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>How long until a try may be let in.</summary>
    public TimeSpan OpensIn => TimeSpan.FromTicks(Math.Max(_closed.Remaining(time).Ticks, _held.Remaining(time).Ticks));

    /// <summary>Lets one try in, if the gate is open.</summary>
    /// <returns>The holder's number, or 0.</returns>
    public int TryEnter()
    {
        if (!IsOpen)
        {
            return 0;
        }

        _held = Deadline.After(time, LongestHold);
        return ++_holder;
    }

    /// <summary>The try ended without telling anything about the key.</summary>
    public void Leave(int holder)
    {
        // A holder that took longer than it may has been replaced; the gate is its successor's.
        if (holder == _holder)
        {
            Free();
        }
    }

    /// <summary>The try failed.</summary>
    public void Close(int holder)
    {
        Leave(holder);
        _closed = Deadline.After(time, _nextClosure);
        _nextClosure = TimeSpan.FromTicks(Math.Min(2 * _nextClosure.Ticks, LongestClosure.Ticks));
    }

    /// <summary>The key works.</summary>
    public void Reset()
    {
        _nextClosure = FirstClosure;
        _closed = default;
        Free();
    }

    /// <summary>Those who wait at the gate should look again.</summary>
    public void Tell()
    {
        _news?.TrySetResult();
        _news = null;
    }

    private void Free()
    {
        _held = default;
        Tell();
    }
}
