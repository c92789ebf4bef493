using System.Net;
using System.Text;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>With little memory it is said that there is none: an instance of 512 MB has three quarters of it for the runtime's heap.</summary>
public class MemoryTests
{
    private const int AtOnce = 12;

    [Theory]
    [InlineData(19 << 20, 10)]
    [InlineData(10, 40 << 20)]
    public async Task Requests_NeedMoreThanThereIs_AreAnsweredOrTurnedAwayAndNeverFail(int promptLength, int answerLength)
    {
        var answer = Encoding.ASCII.GetBytes(GeminiChunk.Text(new string('x', answerLength), "STOP"));
        await using var upstream = RawUpstream.Start(async (stream, stop) =>
        {
            // A model takes its time, and so all are under way at once.
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, stop);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {answer.Length}\r\n\r\n"), stop);
            await stream.WriteAsync(answer, stop);
        });
        await using var edge = await ShellEdge.StartAsync("export DOTNET_GCHeapHardLimit=0x18000000", ">/dev/null 2>/dev/null",
            ("GEMINI_BASE_URL", upstream.Url), ("GEMINI_API_KEY_PRIMARY", "AIzaSy-of-a-test-0123456789"),

            // On a busy machine the test itself is slow to take a connection.
            ("GeminiEdge__ConnectTimeout", "00:01:00"));
        var prompt = Encoding.ASCII.GetBytes($$"""{"prompt":"{{new string('y', promptLength)}}"}""");

        var all = new List<HttpStatusCode>();
        for (var round = 0; round < 2; round++)
        {
            var statuses = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => AskAsync(edge, prompt)));

            Assert.All(statuses, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status}"));
            all.AddRange(statuses);
        }

        Assert.Contains(HttpStatusCode.OK, all);
        Assert.Contains(HttpStatusCode.ServiceUnavailable, all);
    }

    private static async Task<HttpStatusCode> AskAsync(ShellEdge edge, byte[] prompt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(edge.Url, "/api/generate")) { Content = new ByteArrayContent(prompt) };
        request.Content.Headers.ContentType = new("application/json");
        using var answer = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True((await answer.ReadAllAsync()).IsWhole);
        return answer.StatusCode;
    }
}
