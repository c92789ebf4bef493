using System.Net.Sockets;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

public class UnreachableTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task UploadBytes_ConnectionNeverOpens_SaysThatNothingWasSent()
    {
        using var upstream = new FakeUpstream(_ =>
            Task.FromException<HttpResponseMessage>(new HttpRequestException(HttpRequestError.ConnectionError, "Refused.", new SocketException())));
        using var edge = new InProcessEdge(["the-only-key-of-this-edge"], upstream, _time);

        var answer = await edge.SendAsync("/upload/v1beta/files?upload_id=u&gemini_edge_key_id=edge", "hello");

        Assert.Equal((503, "1"), (answer.Status, answer.Header("Retry-After")));
        Assert.Contains("upstream_unreachable", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RejectedKey_LastResortFindsTheUpstreamOverloaded_RetryAfterIsNotTheWholeRest()
    {
        var verdict = Verdict.KeyInvalid;
        using var upstream = new FakeUpstream(_ => UpstreamAnswers.Of(verdict));
        using var edge = new InProcessEdge(["the-only-key-of-this-edge"], upstream, _time);
        Assert.Null((await edge.NativeAsync()).Header("Retry-After"));

        verdict = Verdict.Overloaded;
        var answer = await edge.NativeAsync();

        Assert.Equal((502, "1"), (answer.Status, answer.Header("Retry-After")));
    }

    [Fact]
    public async Task Probe_OneKeyIsSlow_TheOthersDoNotWaitForIt()
    {
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        using var upstream = new FakeUpstream(async _ =>
        {
            if (Interlocked.Increment(ref arrived) == 2)
            {
                both.SetResult();
            }

            await both.Task.WaitAsync(TimeSpan.FromSeconds(20));
            return UpstreamAnswers.Of(Verdict.Ok);
        });
        using var edge = new InProcessEdge(["the-first-key-of-two", "the-second-key-of-two"], upstream, _time);

        var answer = await edge.SendAsync("/api/admin/probe");

        Assert.Equal(["SECONDARY", "PRIMARY"], JsonNode.Parse(answer.Body)!["keys"]!.AsArray().Select(key => key!["slot"]!.GetValue<string>()));
    }
}
