using System.Net;
using System.Net.Http.Headers;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>A file that a caller stored is sent as it is, and is no page of the edge's own where a browser opens it: there an operator's key lies.</summary>
public class StoredPageTests
{
    [Theory]
    [InlineData("text/html; charset=utf-8", true)]
    [InlineData("image/svg+xml", true)]
    [InlineData("application/xhtml+xml", true)]
    [InlineData("text/plain", true)]
    [InlineData(null, true)]
    [InlineData("application/json; charset=UTF-8", false)]
    [InlineData("text/event-stream", false)]
    public async Task Answer_ABrowserCouldMakeAPageOfIt_RunsNothingInTheEdgesName(string? contentType, bool isConfined)
    {
        using var upstream = new FakeUpstream(_ =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent("<script>parent.stolen = 1</script>"u8.ToArray()) };
            answer.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
            answer.Headers.TryAddWithoutValidation("Content-Security-Policy", "script-src *");
            return answer;
        });
        using var edge = new InProcessEdge(["the-only-key-of-a-ring"], upstream, TimeProvider.System, InProcessEdge.NoPatience);

        var answer = await edge.SendAsync("/v1beta/files/x:download?alt=media", verb: "GET");

        Assert.Equal((200, "<script>parent.stolen = 1</script>"), (answer.Status, answer.Body));
        Assert.Equal(isConfined ? ("sandbox", "nosniff") : ("script-src *", null), (answer.Header("Content-Security-Policy"), answer.Header("X-Content-Type-Options")));
    }
}
