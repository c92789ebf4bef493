using System.Buffers;
using System.Numerics;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Bounds the memory of everything that is put together before it goes on: request bodies, and answers that are read whole. What
/// is large is kept for the next one as long as both find room in it, and given back to the system when a burst is over.
/// </summary>
internal sealed class MemoryBudget(long limit, TimeProvider? time = null) : IDisposable
{
    /// <summary>Longer than this it is large, in bytes: the shared pool would keep twice of it for ever.</summary>
    public const int Large = 256 << 10;

    /// <summary>The shared pool has no smaller ones, in bytes; it has one size for each power of two.</summary>
    private const int SmallestPooled = 16;

    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<byte[]> _kept = [];
    private ITimer? _timer;
    private long _used;
    private long _keptBytes;
    private long _dropped;

    /// <summary>How much is taken now, in bytes: buffers at their real size.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>That, and what is kept for the next ones, in bytes.</summary>
    public long Held
    {
        get
        {
            lock (_lock)
            {
                return Used + _keptBytes;
            }
        }
    }

    /// <summary>So much would find room now; it takes none.</summary>
    public bool HasRoom(long bytes) => Used + bytes <= limit;

    public bool TryTake(long bytes)
    {
        if (!TryCount(bytes))
        {
            return false;
        }

        MakeRoom();
        return true;
    }

    public void Return(long bytes) => Interlocked.Add(ref _used, -bytes);

    /// <summary>Takes a buffer of at least this size; null when there is no room for it.</summary>
    public byte[]? TryRent(int size)
    {
        // Counted before it is there, and as large as it will be: who is turned away must not cost anything.
        var isLarge = size > Large;
        var real = isLarge ? size : (int)Math.Max(SmallestPooled, BitOperations.RoundUpToPowerOf2((uint)size));
        if (!TryCount(real))
        {
            return null;
        }

        try
        {
            var buffer = isLarge ? TakeKept(size) : null;
            if (buffer is null)
            {
                MakeRoom();
                buffer = isLarge ? GC.AllocateUninitializedArray<byte>(size) : ArrayPool<byte>.Shared.Rent(real);
            }

            Interlocked.Add(ref _used, buffer.LongLength - real);
            return buffer;
        }
        catch (OutOfMemoryException)
        {
            Return(real);
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
            _keptBytes += buffer.LongLength;
            MakeRoom();
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
            return found < 0 ? null : Unkeep(found);
        }
    }

    // What is in use goes before what is only kept; the oldest of that goes first.
    private void MakeRoom()
    {
        if (Used + Volatile.Read(ref _keptBytes) <= limit)
        {
            return;
        }

        lock (_lock)
        {
            while (_kept.Count > 0 && Used + _keptBytes > limit)
            {
                _dropped += Unkeep(0).LongLength;
            }

            if (_dropped > limit / 4)
            {
                // Where there is memory enough the runtime is in no hurry, and a flood of bodies would take many times the limit.
                _dropped = 0;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
            }
        }
    }

    private bool TryCount(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    private byte[] Unkeep(int index)
    {
        var buffer = _kept[index];
        _kept.RemoveAt(index);
        _keptBytes -= buffer.LongLength;
        return buffer;
    }

    // Nothing large was given back for a while. Without being told, the runtime would keep the memory.
    private void EndBurst()
    {
        lock (_lock)
        {
            _kept.Clear();
            _keptBytes = 0;
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
