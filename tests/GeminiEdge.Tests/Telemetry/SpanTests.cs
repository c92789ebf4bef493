using System.Diagnostics;
using System.Text;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Failover;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Telemetry;

/// <summary>A request is one span, each of its attempts one below it; what they say is what the log lines say.</summary>
[Collection(nameof(Telemetry))]
public sealed class SpanTests
{
    private const string Prompt = "a-prompt-that-nobody-else-writes";

    [Fact]
    public async Task Request_FailsOver_IsOneSpanWithTwoAttemptsBelowIt()
    {
        using var spans = new SpanCapture();
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = SandboxKeyState.Expired;
        var (trace, caller, header) = SpanCapture.NewTrace();

        using var response = await NativeAsync(edge, header);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var (request, attempts) = await spans.WaitForAsync(trace);

        Assert.Equal((ActivityKind.Server, "POST /{version}/{*path}", caller), (request.Kind, request.DisplayName, request.ParentSpanId));
        Assert.Equal((200, "POST", "/{version}/{*path}"), (request.GetTagItem("http.response.status_code"), request.GetTagItem("http.request.method"), request.GetTagItem("http.route")));
        Assert.Equal(response.Headers.GetValues("x-request-id").Single(), request.GetTagItem("gemini_edge.request_id"));
        Assert.Equal(2, attempts.Count);
        Assert.All(attempts, attempt =>
        {
            Assert.Equal((ActivityKind.Client, request.SpanId), (attempt.Kind, attempt.ParentSpanId));
            Assert.Equal(("generate_content", "gcp.gemini", "gemini-flash-latest"), (attempt.GetTagItem("gen_ai.operation.name"), attempt.GetTagItem("gen_ai.provider.name"), attempt.GetTagItem("gen_ai.request.model")));
            Assert.Equal(("127.0.0.1", edge.Sandbox.BaseUrl.Port), (attempt.GetTagItem("server.address"), attempt.GetTagItem("server.port")));
            Assert.Equal(request.GetTagItem("gemini_edge.request_id"), attempt.GetTagItem("gemini_edge.request_id"));
            Assert.Equal((1, null), (attempt.GetTagItem("gemini_edge.round"), attempt.GetTagItem("gemini_edge.hedge")));
        });

        // The name is a metric's: Google knew nothing of the model before the second one.
        Assert.Equal(["generate_content other", "generate_content gemini-flash-latest"], attempts.Select(attempt => attempt.DisplayName));
        Assert.Equal(("PRIMARY", edge.Primary.Value[^4..], "key_invalid", "next_key", 1), Of(attempts[0]));
        Assert.Equal((ActivityStatusCode.Error, "key_invalid", 400), (attempts[0].Status, attempts[0].GetTagItem("error.type"), attempts[0].GetTagItem("http.response.status_code")));
        Assert.Equal(("SECONDARY", edge.Secondary.Value[^4..], "ok", "return", 2), Of(attempts[1]));
        Assert.Equal((ActivityStatusCode.Unset, null, 200), (attempts[1].Status, attempts[1].GetTagItem("error.type"), attempts[1].GetTagItem("http.response.status_code")));
        Assert.NotNull(attempts[1].GetTagItem("gen_ai.response.model"));
        Assert.All(["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"], name => Assert.InRange((long)attempts[1].GetTagItem(name)!, 1, long.MaxValue));
    }

    [Fact]
    public async Task Trace_IsNotSentUpstream()
    {
        using var spans = new SpanCapture();
        await using var edge = await EdgeHost.StartAsync();
        var (trace, _, header) = SpanCapture.NewTrace();

        using var response = await edge.PostAsync("/v1beta/models/gemini-flash-latest:generateContent", EdgeHost.Contents(Prompt), request =>
        {
            request.Headers.Add("traceparent", header);
            request.Headers.Add("tracestate", "vendor=value");
            request.Headers.Add("baggage", "user=somebody");
        });
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var (request, _) = await spans.WaitForAsync(trace);

        var sent = Assert.Single(edge.Sandbox.Requests);
        Assert.All(["traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context", "x-request-id"], name => Assert.DoesNotContain(name, sent.Headers));
        Assert.DoesNotContain(sent.Headers, each => each.Value.ToString().Contains($"{trace}", StringComparison.Ordinal));
        Assert.Null(request.TraceStateString);
        Assert.Empty(request.Baggage);
    }

    [Theory]
    [InlineData("not-a-trace")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    public async Task Traceparent_ThatIsNone_BeginsATrace(string header)
    {
        using var spans = new SpanCapture();
        await using var edge = await EdgeHost.StartAsync();

        using var response = await NativeAsync(edge, header);
        var id = response.Headers.GetValues("x-request-id").Single();
        await Eventually.IsAsync(() => spans.All.Any(span => IsRequest(span, id)));

        Assert.Equal(default, spans.All.Single(span => IsRequest(span, id)).ParentSpanId);
    }

    [Fact]
    public async Task Trace_ThatItsCallerDoesNotSample_IsNotRecorded()
    {
        using var spans = new SpanCapture();
        await using var edge = await EdgeHost.StartAsync();
        var (trace, _, header) = SpanCapture.NewTrace(isSampled: false);

        using var response = await NativeAsync(edge, header);
        await edge.Log.WaitForAsync("gemini_ok");

        Assert.DoesNotContain(spans.All, span => span.TraceId == trace);
    }

    // The isolated worker has a span of its own around each invocation.
    [Fact]
    public async Task Request_BelowASpanOfTheHost_IsInternal()
    {
        using var spans = new SpanCapture();
        await using var upstream = await GeminiSandbox.StartAsync();
        using var edge = new InProcessEdge([upstream.AddKey().Value], new SocketsHttpHandler(), TimeProvider.System, new() { ["GEMINI_BASE_URL"] = $"{upstream.BaseUrl}" });
        using var host = new Activity("host") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();

        await edge.NativeAsync("gemini-flash-latest");
        var (request, attempts) = await spans.WaitForAsync(host.TraceId);

        Assert.Equal((ActivityKind.Internal, "gemini_edge.request", host.SpanId), (request.Kind, request.DisplayName, request.ParentSpanId));
        Assert.Equal(request.SpanId, Assert.Single(attempts).ParentSpanId);
        Assert.Same(host, Activity.Current);
    }

    // In a process of one's own there is no request of the edge's.
    [Fact]
    public async Task Handler_BelowASpanOfItsCaller_MakesAttemptsAlone()
    {
        using var spans = new SpanCapture();
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = SandboxKeyState.Expired;
        using var own = new Activity("own") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();

        using var response = await bed.Http.PostAsync("v1beta/models/gemini-flash-latest:generateContent", new StringContent(EdgeHost.Contents(Prompt), Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        await Eventually.IsAsync(() => spans.All.Count(span => span.TraceId == own.TraceId) == 2);

        Assert.All(spans.All.Where(span => span.TraceId == own.TraceId), span => Assert.Equal((ActivityKind.Client, own.SpanId), (span.Kind, span.ParentSpanId)));
        Assert.DoesNotContain(bed.Sandbox.Requests, sent => sent.Headers.ContainsKey("traceparent"));
    }

    // Callers can write a key or a prompt wherever they like.
    [Fact]
    public async Task Spans_OfARequestFullOfKeys_HoldNone()
    {
        using var spans = new SpanCapture();
        await using var edge = await EdgeHost.StartAsync();
        var (trace, _, header) = SpanCapture.NewTrace();
        var key = edge.Primary.Value;

        using var response = await edge.PostAsync($"/v1beta/models/{key}:{key}?x={key}", EdgeHost.Contents(Prompt + key), request =>
        {
            request.Headers.Add("traceparent", header);
            request.Headers.Add("tracestate", $"a={key}");
            request.Headers.Add("x-request-id", key);
        });
        var (request, attempts) = await spans.WaitForAsync(trace);

        Assert.NotEmpty(attempts);
        foreach (var span in attempts.Append(request))
        {
            var text = $"{span.DisplayName} {span.StatusDescription} {span.TraceStateString} {string.Join(' ', span.TagObjects)}";
            edge.Secrets.See("a span", text);
            Assert.DoesNotContain(Prompt, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Rehearsal_MakesNoSpan()
    {
        using var spans = new SpanCapture();

        Assert.Equal([200, 200], await Rehearsal.RunAsync());

        Assert.DoesNotContain(spans.All, span => (string?)span.GetTagItem("gemini_edge.key_id") == "rsal");
    }

    [Fact]
    public void Attempt_NobodyListens_HasNoSpan() => Assert.Null(EdgeSpans.BeginAttempt());

    private static (object?, object?, object?, object?, object?) Of(Activity attempt) => (
        attempt.GetTagItem("gemini_edge.slot"), attempt.GetTagItem("gemini_edge.key_id"), attempt.GetTagItem("gemini_edge.verdict"),
        attempt.GetTagItem("gemini_edge.next"), attempt.GetTagItem("gemini_edge.attempt"));

    private static bool IsRequest(Activity span, string id) => span.Kind == ActivityKind.Server && (string?)span.GetTagItem("gemini_edge.request_id") == id;

    private static Task<HttpResponseMessage> NativeAsync(EdgeHost edge, string traceparent) =>
        edge.PostAsync("/v1beta/models/gemini-flash-latest:generateContent", EdgeHost.Contents(Prompt), request => request.Headers.TryAddWithoutValidation("traceparent", traceparent));
}
