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
        var answer = Answer(700_000);
        using var source = new CountedSource(answer, fast: answer.Length);
        await using var edge = await StartAsync(source, saysHowLong ? answer.Length : null);

        using var response = await edge.NativeAsync();

        Assert.Equal((HttpStatusCode.OK, saysHowLong), (response.StatusCode, response.Content.Headers.ContentLength is not null));
        Assert.Equal(answer, await response.Content.ReadAsByteArrayAsync());
        Assert.InRange(source.Rooms.Count, 1, answer.Length / Small / 3);
    }

    // Nobody may be made to hold a large buffer for each hundred bytes that his caller has not read yet.
    [Fact]
    public async Task Native_AnswerComesInSmallPiecesFromSomewhereOn_TakesNoLargeBufferForThem()
    {
        var answer = Answer(200_000);
        using var source = new CountedSource(answer, fast: 190_000);
        await using var edge = await StartAsync(source, answer.Length);

        using var response = await edge.NativeAsync();

        Assert.Equal(answer, await response.Content.ReadAsByteArrayAsync());
        Assert.Contains(source.Rooms, room => room >= Large);
        Assert.All(source.Rooms[^50..], room => Assert.InRange(room, 1, Large - 1));
    }

    private static byte[] Answer(int length)
    {
        var random = new Random(5);
        var text = string.Concat(Enumerable.Range(0, length).Select(_ => (char)random.Next('a', 'z')));
        return Encoding.ASCII.GetBytes($$"""{"candidates":[{"content":{"parts":[{"text":"{{text}}"}]},"finishReason":"STOP"}]}""");
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

    /// <summary>As much as there is room for, each time it is read; and a hundred bytes at a time behind what comes fast.</summary>
    private sealed class CountedSource(byte[] bytes, int fast) : ForwardOnlyStream
    {
        private int _read;

        /// <summary>What it was read into, each time.</summary>
        public List<int> Rooms { get; } = [];

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Rooms.Add(buffer.Length);
            var count = Math.Min(buffer.Length, _read < fast ? fast - _read : Math.Min(100, bytes.Length - _read));
            bytes.AsSpan(_read, count).CopyTo(buffer.Span);
            _read += count;
            return ValueTask.FromResult(count);
        }
    }
}
