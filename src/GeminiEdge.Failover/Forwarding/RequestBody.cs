using System.Buffers;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What became of reading a request body.</summary>
internal enum BodyError
{
    None,
    TooLarge,
    Overloaded,

    /// <summary>It is not compressed as it says, or not all of it is there.</summary>
    NotInflatable,
}

/// <summary>
/// A request body, read once into pooled memory, from which every attempt is sent. An upstream may answer before it
/// has read the request, and its connection then goes on sending: the memory goes back only when no one uses it.
/// </summary>
internal sealed class RequestBody
{
    private const int FirstSize = 4096;
    private readonly MemoryBudget? _budget;
    private byte[] _buffer;
    private int _length;
    private int _users = 1;
    private bool _isRented = true;
    private RequestBody? _plain;

    private RequestBody(byte[] buffer, MemoryBudget? budget) => (_buffer, _budget) = (buffer, budget);

    /// <summary>No body.</summary>
    public static RequestBody Empty { get; } = new([], null);

    public int Length => _length;

    /// <summary>The bytes as they came, and as they are sent.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <summary>What they say: the same, or of a compressed body what is in it. Empty when that can't be told.</summary>
    public ReadOnlyMemory<byte> Plain => _plain is null ? Memory : _plain.Memory;

    /// <summary>Wraps bytes that the edge made of a caller's, and counts them; null when there is no room.</summary>
    public static RequestBody? TryTake(byte[] bytes, MemoryBudget budget) =>
        budget.TryTake(bytes.Length) ? new RequestBody(bytes, budget) { _length = bytes.Length, _isRented = false } : null;

    /// <summary>A body that the edge writes itself; null when there is no room.</summary>
    /// <param name="length">How long it is, in bytes.</param>
    /// <param name="write">Fills it.</param>
    public static RequestBody? TryWrite<T>(int length, MemoryBudget budget, T from, SpanAction<byte, T> write)
    {
        if (budget.TryRent(length) is not { } buffer)
        {
            return null;
        }

        write(buffer.AsSpan(0, length), from);
        return new RequestBody(buffer, budget) { _length = length };
    }

    /// <summary>What the body says, with a part of it replaced; null when there is no room for it beside this one.</summary>
    public RequestBody? TryReplace(Range part, byte[] by)
    {
        var (start, length) = part.GetOffsetAndLength(Plain.Length);
        var total = Plain.Length - length + by.Length;
        if (_budget is null)
        {
            var own = new byte[total];
            Write(own);
            return Of(own);
        }

        return TryWrite(total, _budget, this, (to, _) => Write(to));

        void Write(Span<byte> to)
        {
            Plain.Span[..start].CopyTo(to);
            by.CopyTo(to[start..]);
            Plain.Span[(start + length)..].CopyTo(to[(start + by.Length)..]);
        }
    }

    /// <summary>Wraps bytes that the edge made itself.</summary>
    public static RequestBody Of(byte[] bytes) => new(bytes, null) { _length = bytes.Length };

    /// <summary>Reads the whole body, growing as bytes arrive: whoever only declares a length gets no more memory than eight times what he has sent.</summary>
    /// <param name="source">The body.</param>
    /// <param name="declared">Its length in bytes, if declared.</param>
    /// <param name="limit">How long it may be, in bytes.</param>
    /// <param name="budget">Counts its memory.</param>
    public static async ValueTask<(RequestBody Body, BodyError Error)> ReadAsync(Stream source, long? declared, long limit, MemoryBudget budget, CancellationToken cancellationToken)
    {
        if (declared > limit)
        {
            return (Empty, BodyError.TooLarge);
        }

        if (declared == 0)
        {
            return (Empty, BodyError.None);
        }

        // Before a byte of it is read: it would be thrown away.
        if (declared > MemoryBudget.Large && !budget.HasRoom(declared.Value))
        {
            return (Empty, BodyError.Overloaded);
        }

        var body = new RequestBody([], budget);
        var error = BodyError.Overloaded;
        try
        {
            error = await body.FillAsync(source, declared, limit, cancellationToken);
            return error == BodyError.None ? (body, error) : (Empty, error);
        }
        finally
        {
            if (error != BodyError.None)
            {
                body.Release();
            }
        }
    }

    /// <summary>Reads a whole compressed body, and inflates it as it comes: never more than the limit is in memory.</summary>
    /// <param name="codings">How it is compressed.</param>
    /// <param name="limit">How long it may be, compressed and inflated, in bytes.</param>
    public static async ValueTask<(RequestBody Body, BodyError Error)> ReadInflatedAsync(
        Stream source, long? declared, ContentCodings codings, long limit, MemoryBudget budget, CancellationToken cancellationToken)
    {
        if (declared > limit)
        {
            return (Empty, BodyError.TooLarge);
        }

        try
        {
            await using var inflated = await codings.OpenAsync(source, limit, cancellationToken);
            return await ReadAsync(inflated, declared: null, limit, budget, cancellationToken);
        }
        catch (BodyTooLargeException)
        {
            return (Empty, BodyError.TooLarge);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            // InvalidOperationException is what Brotli says.
            return (Empty, BodyError.NotInflatable);
        }
    }

    /// <summary>Inflates a copy, to see what a compressed body says; the bytes themselves stay.</summary>
    public async ValueTask InflateAsync(ContentCodings codings, long limit, CancellationToken cancellationToken)
    {
        if (codings.IsNone || _length == 0)
        {
            return;
        }

        _plain = Empty;
        if (codings.Refusal is null)
        {
            await using var compressed = new MemoryStream(_buffer, 0, _length, writable: false);
            (_plain, _) = await ReadInflatedAsync(compressed, _length, codings, limit, _budget!, cancellationToken);
        }
    }

    /// <summary>Keeps the memory while an attempt is being sent.</summary>
    public void Keep() => Interlocked.Increment(ref _users);

    /// <summary>Gives the memory back when nobody keeps it any more.</summary>
    public void Release()
    {
        if (_budget is not null && Interlocked.Decrement(ref _users) == 0)
        {
            Return(_buffer);

            // In this order: whoever still looks at it sees no more than there is.
            _length = 0;
            _buffer = [];
            _plain?.Release();
        }
    }

    private async ValueTask<BodyError> FillAsync(Stream source, long? declared, long limit, CancellationToken cancellationToken)
    {
        var expected = (int)Math.Min(declared ?? FirstSize, 64 * 1024);
        while (true)
        {
            if (_length == _buffer.Length && !TryGrow(NextSize(expected, declared, limit)))
            {
                return BodyError.Overloaded;
            }

            var read = await source.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0)
            {
                return BodyError.None;
            }

            _length += read;
            if (_length > limit)
            {
                return BodyError.TooLarge;
            }

            if (_length == declared)
            {
                return BodyError.None;
            }
        }
    }

    // Eight times as large, where it is known how long it gets: each step leaves memory behind that somebody has to collect. Otherwise
    // doubled; no larger than it can become, and one byte to see that it ends there.
    private int NextSize(int expected, long? declared, long limit) =>
        (int)Math.Min(Math.Max(expected, (declared is null ? 2L : 8L) * _length), Math.Max(expected, declared ?? (limit + 1)));

    private bool TryGrow(int size)
    {
        if (_budget!.TryRent(size) is not { } larger)
        {
            return false;
        }

        _buffer.AsSpan(0, _length).CopyTo(larger);
        Return(_buffer);
        _buffer = larger;
        return true;
    }

    private void Return(byte[] buffer)
    {
        if (_isRented && buffer.Length > 0)
        {
            _budget!.Return(buffer);
        }
        else
        {
            _budget!.Return(buffer.LongLength);
        }
    }
}
