using GeminiEdge.Endpoints;
using GeminiEdge.Failover;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Overload;
using GeminiEdge.Failover.Verdicts;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Overload;

public class SdkRetryTests
{
    public static TheoryData<string?, string?, bool> Marks => new()
    {
        { null, null, false },
        { "0", null, false },
        { "1", null, true },
        { "12", null, true },
        { "", null, false },
        { "-1", null, false },
        { "+1", null, false },
        { "1.0", null, false },
        { "one", null, false },
        { "99999999999", null, false },
        { null, "google-genai-sdk/3.1.0 gl-node/v22.0.0", false },
        { null, "gl-go/1.26 gccl/1.2 gccl-invocation-id/abc gccl-attempt-count/1", false },
        { null, "gl-go/1.26 gccl/1.2 gccl-invocation-id/abc gccl-attempt-count/2", true },
        { null, "gccl-attempt-count/3 gl-php/8.4", true },
        { null, "gl-go/1.26,gccl-attempt-count/1,gccl-attempt-count/2", true },
        { null, "gccl-attempt-count/", false },
        { null, "gccl-attempt-count/two", false },
        { null, "gccl-attempt-count/2x", false },
        { null, "my-gccl-attempt-count/2", false },
        { "0", "gccl-attempt-count/2", true },
    };

    [Theory]
    [MemberData(nameof(Marks))]
    public void Request_OfTheEdgeAndOfTheHandler_SaysWhatItsSdkMarked(string? count, string? client, bool isRetry)
    {
        var context = new DefaultHttpContext();
        using var message = new HttpRequestMessage();
        foreach (var (name, value) in new[] { ("X-Stainless-Retry-Count", count), ("X-Goog-Api-Client", client) })
        {
            if (value is not null)
            {
                context.Request.Headers[name] = value;
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }

        Assert.Equal(isRetry, Of(context).IsSdkRetry);
        Assert.Equal(isRetry, Of(message).IsSdkRetry);
    }

    [Fact]
    public void Request_WithSeveralCounts_SaysNothing()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[SdkRetry.CountHeader] = new(["1", "2"]);

        Assert.False(Of(context).IsSdkRetry);
    }

    [Fact]
    public void Request_WithoutTheHeaders_IsAskedForNothing()
    {
        var context = new DefaultHttpContext();
        using var message = new HttpRequestMessage();
        message.Headers.TryAddWithoutValidation("x-goog-api-client", "google-genai-sdk/3.1.0 gl-node/v22.0.0");
        ForwardRequest[] requests = [Of(context), Of(message)];
        Assert.All(requests, request => Assert.False(request.IsSdkRetry));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var marked = false;
        for (var i = 0; i < 1000; i++)
        {
            marked |= requests[0].IsSdkRetry || requests[1].IsSdkRetry;
        }

        Assert.Equal((0, false), (GC.GetAllocatedBytesForCurrentThread() - before, marked));
    }

    internal static EdgeRequest Of(HttpContext context) => new()
    {
        Context = context,
        Shutdown = null!,
        RequestId = "r-1",
        Call = Call,
        Verb = HttpMethod.Post,
        PathAndQuery = "/",
        Body = RequestBody.Empty,
    };

    internal static HandlerRequest Of(HttpRequestMessage message) => new(message, CancellationToken.None)
    {
        RequestId = "r-1",
        Call = Call,
        Verb = HttpMethod.Post,
        PathAndQuery = "/",
        Body = RequestBody.Empty,
    };

    private static GeminiCall Call => new() { Method = "generateContent", Kind = CallKind.Generate };
}
