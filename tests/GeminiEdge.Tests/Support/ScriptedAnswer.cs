using System.Text;
using System.Threading.Channels;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Tests.Support;

/// <summary>The body of an answer: each piece that a test sends is one read of the edge, unless it is larger than the edge's buffer.</summary>
internal sealed class ScriptedAnswer(string contentType) : ForwardOnlyStream
{
    public const string EventStream = "text/event-stream";
    public const string Json = "application/json; charset=UTF-8";

    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();
    private readonly SemaphoreSlim _starved = new(0);
    private ReadOnlyMemory<byte> _rest;

    public string ContentType => contentType;

    public int Status { get; init; } = 200;

    /// <summary>A whole answer, in these pieces.</summary>
    public static ScriptedAnswer Of(string contentType, params IEnumerable<byte[]> pieces)
    {
        var answer = new ScriptedAnswer(contentType);
        foreach (var piece in pieces)
        {
            answer._pieces.Writer.TryWrite(piece);
        }

        answer.End();
        return answer;
    }

    /// <summary>A whole answer in two pieces that meet at an offset.</summary>
    public static ScriptedAnswer SplitAt(int offset, byte[] bytes, string contentType) => Of(contentType, bytes[..offset], bytes[offset..]);

    public void Send(string piece) => _pieces.Writer.TryWrite(Encoding.UTF8.GetBytes(piece));

    public void End() => _pieces.Writer.Complete();

    public void Cut() => _pieces.Writer.Complete(new IOException("The test cut the answer."));

    /// <summary>Returns once the edge has read all that was sent and waits for more.</summary>
    public Task WaitUntilStarvedAsync() => _starved.WaitAsync().WaitAsync(Patience.Limit);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (_rest.IsEmpty && !_pieces.Reader.TryRead(out var piece) is var none)
        {
            if (!none)
            {
                _rest = piece;
                continue;
            }

            _starved.Release();
            if (!await _pieces.Reader.WaitToReadAsync(cancellationToken))
            {
                return 0;
            }
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }
}
