using GeminiEdge.Endpoints;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Endpoints;

public class AnswerHeadersTests
{
    // The edge fails after it has copied an answer's head: its own error must carry nothing of it.
    [Fact]
    public void Forget_HeadOfAnAnswerWasCopied_LeavesTheEdgesOwnAlone()
    {
        var response = new DefaultHttpContext().Response;
        response.Headers["x-request-id"] = "r-1";
        response.Headers["x-gemini-edge-key-id"] = "000a";
        response.Headers["x-gemini-edge-attempts"] = "2";
        response.Headers["x-goog-upload-url"] = "https://upstream.example/upload";
        response.Headers.ETag = "\"e\"";
        response.ContentLength = 5;

        AnswerHeaders.Forget(response);

        Assert.Equal(["x-gemini-edge-attempts", "x-gemini-edge-key-id", "x-request-id"], response.Headers.Keys.Order(StringComparer.Ordinal));
    }
}
