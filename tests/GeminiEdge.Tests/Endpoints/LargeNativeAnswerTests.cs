using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>Pictures and files: much of an answer at once, byte for byte.</summary>
public class LargeNativeAnswerTests
{
    private const int Small = 4096;
    private const int Large = 32 << 10;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Native_AnswerIsLarge_IsReadInLargePiecesAndPassesByteForByte(bool saysHowLong)
    {
        var random = new Random(5);
        var answer = Encoding.ASCII.GetBytes($$"""{"candidates":[{"content":{"parts":[{"text":"{{string.Concat(Enumerable.Range(0, 700_000).Select(_ => (char)random.Next('a', 'z')))}}"}]},"finishReason":"STOP"}]}""");
        using var source = new CountedSource(answer);
        await using var edge = await StartAsync(source, saysHowLong ? answer.Length : null);

        using var response = await edge.NativeAsync();

        Assert.Equal((HttpStatusCode.OK, saysHowLong), (response.StatusCode, response.Content.Headers.ContentLength is not null));
        Assert.Equal(answer, await response.Content.ReadAsByteArrayAsync());
        Assert.InRange(source.Reads, 1, answer.Length / Small / 3);
    }

    [Fact]
    public async Task Native_AnswerIsSmall_TakesNoLargeBuffer()
    {
        using var source = new CountedSource(Encoding.ASCII.GetBytes(GeminiChunk.Text("hello", "STOP")));
        await using var edge = await StartAsync(source, source.Size);

        using var response = await edge.NativeAsync();

        Assert.Contains("hello", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.InRange(source.Largest, 1, Large - 1);
    }

    private static Task<EdgeHost> StartAsync(CountedSource source, long? length) => EdgeHost.StartAsync(new EdgeSetup
    {
        Upstream = new FakeUpstream(call =>
        {
            var content = new StreamContent(source);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(ScriptedAnswer.Json);
            content.Headers.ContentLength = length;
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = call.Request, Version = HttpVersion.Version20 };
        }),
    });

    /// <summary>As much as there is room for, each time it is read.</summary>
    private sealed class CountedSource(byte[] bytes) : ForwardOnlyStream
    {
        private int _read;

        public int Reads { get; private set; }

        public int Largest { get; private set; }

        public int Size => bytes.Length;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            (Reads, Largest) = (Reads + 1, Math.Max(Largest, buffer.Length));
            var count = Math.Min(buffer.Length, bytes.Length - _read);
            bytes.AsSpan(_read, count).CopyTo(buffer.Span);
            _read += count;
            return ValueTask.FromResult(count);
        }
    }
}
