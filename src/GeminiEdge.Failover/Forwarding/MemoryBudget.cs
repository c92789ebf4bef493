using System.Buffers;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Bounds the memory of everything that is put together before it goes on: request bodies, and answers that are read whole. What
/// is large is kept for the next one, and given back to the system when a burst is over.
/// </summary>
internal sealed class MemoryBudget(long limit, TimeProvider? time = null) : IDisposable
{
    /// <summary>Longer than this it is large, in bytes: the shared pool would keep twice of it for ever.</summary>
    public const int Large = 256 << 10;

    /// <summary>How much is kept at most for the next large bodies.</summary>
    private const long MostKept = 64 << 20;

    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<byte[]> _kept = [];
    private ITimer? _timer;
    private long _used;
    private long _dropped;

    /// <summary>How much is taken now, in bytes: buffers at their real size.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>So much would find room now; it takes none.</summary>
    public bool HasRoom(long bytes) => Used + bytes <= limit;

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

    /// <summary>Takes a buffer of at least this size; null when there is no room for it.</summary>
    public byte[]? TryRent(int size)
    {
        // Counted before it is there: who is turned away must not cost anything.
        if (!TryTake(size))
        {
            return null;
        }

        try
        {
            var buffer = size <= Large ? ArrayPool<byte>.Shared.Rent(size) : TakeKept(size) ?? GC.AllocateUninitializedArray<byte>(size);
            Interlocked.Add(ref _used, buffer.LongLength - size);
            return buffer;
        }
        catch (OutOfMemoryException)
        {
            Return(size);
            return null;
        }
    }

    /// <summary>Gives a buffer of <see cref="TryRent"/> back.</summary>
    public void Return(byte[] buffer)
    {
        Return(buffer.LongLength);
        Keep(buffer);
    }

    public void Dispose() => _timer?.Dispose();

    private void Keep(byte[] buffer)
    {
        if (buffer.Length <= Large)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return;
        }

        lock (_lock)
        {
            _kept.Add(buffer);
            while (_kept.Sum(one => one.LongLength) > Math.Min(MostKept, limit / 4))
            {
                _dropped += _kept[0].LongLength;
                _kept.RemoveAt(0);
            }

            if (_dropped > limit / 2)
            {
                // Where there is memory enough the runtime is in no hurry, and a flood of bodies would take many times the limit.
                _dropped = 0;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
            }

            _timer ??= (time ?? TimeProvider.System).CreateTimer(static budget => ((MemoryBudget)budget!).EndBurst(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(Burst, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>One that is not much larger than asked for.</summary>
    private byte[]? TakeKept(int size)
    {
        lock (_lock)
        {
            var found = _kept.FindIndex(buffer => buffer.Length >= size && buffer.Length <= size + (size / 4) + Large);
            if (found < 0)
            {
                return null;
            }

            var buffer = _kept[found];
            _kept.RemoveAt(found);
            return buffer;
        }
    }

    // Nothing large was given back for a while. Without being told, the runtime would keep the memory.
    private void EndBurst()
    {
        lock (_lock)
        {
            _kept.Clear();
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
