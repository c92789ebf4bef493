namespace GeminiEdge.Failover.Forwarding;

/// <summary>Bounds the memory of all buffered request bodies together.</summary>
internal sealed class BodyBudget(long limit)
{
    private long _used;

    /// <summary>How much is taken now.</summary>
    public long Used => Volatile.Read(ref _used);

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _used, -bytes);
}
