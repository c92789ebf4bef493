namespace GeminiEdge.Interleavings.Scheduling;

/// <summary>What a thread waits for until another one gives it.</summary>
internal sealed class Turn
{
    private readonly object _lock = new();
    private bool _isGiven;

    public void Give()
    {
        lock (_lock)
        {
            _isGiven = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <returns>False when it never came.</returns>
    public bool Take(TimeSpan? limit = null)
    {
        lock (_lock)
        {
            var isGiven = _isGiven || (Monitor.Wait(_lock, limit ?? Timeout.InfiniteTimeSpan) && _isGiven);
            _isGiven = false;
            return isGiven;
        }
    }
}
