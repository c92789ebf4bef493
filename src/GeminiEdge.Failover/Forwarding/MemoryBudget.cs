using System.Buffers;
using System.Numerics;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Bounds the memory of everything that is put together before it goes on: request bodies, and answers that are read whole. What
/// is large is kept for the next one as long as both find room in it, and given back to the system when nobody took it for a while.
/// </summary>
internal sealed class MemoryBudget(long limit, TimeProvider? time = null) : IDisposable
{
    /// <summary>Longer than this it is large, in bytes: the shared pool would keep twice of it for ever.</summary>
    public const int Large = 256 << 10;

    /// <summary>The shared pool has no smaller ones, in bytes; it has one size for each power of two.</summary>
    private const int SmallestPooled = 16;

    private static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    private readonly Lock _lock = new();

    // In the order in which they came back.
    private readonly List<(byte[] Buffer, long Since)> _kept = [];
    private ITimer? _timer;
    private long _used;
    private long _keptBytes;
    private long _dropped;

    /// <summary>How much is taken now, in bytes: buffers at their real size.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>That, and what is kept for the next ones, in bytes.</summary>
    public long Held => Used + Volatile.Read(ref _keptBytes);

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
            _kept.Add((buffer, _time.GetTimestamp()));
            Interlocked.Add(ref _keptBytes, buffer.LongLength);
            _timer ??= _time.CreateTimer(static budget => ((MemoryBudget)budget!).DropUnused(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (_kept.Count == 1)
            {
                _timer.Change(LongestKept, LongestKept);
            }
        }

        MakeRoom();
    }

    /// <summary>One that is not much larger than asked for; of several the last, so that what a burst has left grows old.</summary>
    private byte[]? TakeKept(int size)
    {
        lock (_lock)
        {
            var found = _kept.FindLastIndex(kept => kept.Buffer.Length >= size && kept.Buffer.Length <= size + (size / 4) + Large);
            return found < 0 ? null : Unkeep(found);
        }
    }

    // What is in use goes before what is only kept; the oldest of that goes first.
    private void MakeRoom()
    {
        if (Held <= limit)
        {
            return;
        }

        var collects = false;
        lock (_lock)
        {
            while (_kept.Count > 0 && Held > limit)
            {
                _dropped += Unkeep(0).LongLength;
            }

            if (_dropped > limit / 4)
            {
                (_dropped, collects) = (0, true);
            }
        }

        if (collects)
        {
            // Where there is memory enough the runtime is in no hurry, and a flood of bodies would take many times the limit.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
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
        var (buffer, _) = _kept[index];
        _kept.RemoveAt(index);
        Interlocked.Add(ref _keptBytes, -buffer.LongLength);
        return buffer;
    }

    private void DropUnused()
    {
        var dropped = 0L;
        bool isEmpty;
        lock (_lock)
        {
            while (_kept.Count > 0 && _time.GetElapsedTime(_kept[0].Since) >= LongestKept)
            {
                dropped += Unkeep(0).LongLength;
            }

            isEmpty = _kept.Count == 0;
            if (isEmpty)
            {
                _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        // Without being told, the runtime would keep the memory. As long as large ones come, a little is not worth everybody's pause.
        if (dropped > (isEmpty ? 0 : limit / 8))
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
