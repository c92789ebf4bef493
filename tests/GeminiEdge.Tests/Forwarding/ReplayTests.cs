using System.Net;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Which requests may be repeated with another key, after which failures.</summary>
public class ReplayTests
{
    private const string Contents = """{"contents":[{"parts":[{"text":"Say hello"}]}],"model":"a"}""";
    private static readonly string[] Keys = ["AIzaReplayTestKeyNumber-0", "AIzaReplayTestKeyNumber-1"];

    private static readonly string[] Harmless =
    [
        "POST /v1beta/models/a:generateContent", "POST /v1beta/models/a:streamGenerateContent?alt=sse", "POST /v1beta/models/a:countTokens",
        "POST /v1beta/models/a:embedContent", "POST /v1beta/models/a:batchEmbedContents", "POST /v1/models/a:generateContent",
        "POST /v1beta/openai/chat/completions", "POST /v1beta/openai/embeddings", "GET /v1beta/models", "GET /v1beta/models/a",
        "GET /v1beta/openai/models", "POST /api/generate",
    ];

    private static readonly string[] Once =
    [
        "POST /v1beta/models/a:predictLongRunning", "POST /v1beta/models/a:batchGenerateContent", "POST /v1beta/models/a:asyncBatchEmbedContent",
        "POST /v1beta/models/a:predict", "POST /v1beta/files", "DELETE /v1beta/files/f", "POST /v1beta/cachedContents",
        "PATCH /v1beta/cachedContents/c", "DELETE /v1beta/cachedContents/c", "POST /v1beta/interactions", "POST /v1beta/interactions/i:cancel",
        "POST /v1beta/batches/b:cancel", "DELETE /v1beta/operations/o", "PUT /v1beta/tunedModels/t", "POST /v1beta/openai/images/generations",
        "POST /v1beta/openai/batches", "DELETE /v1beta/openai/files/f",

        // Of one key's project: another key's answer would be another project's.
        "GET /v1beta/files/f", "GET /v1beta/files", "GET /v1beta/operations/o", "GET /v1beta/interactions/i", "GET /v1beta/batches/b",
    ];

    private static readonly string[] NeverOpened = ["refused", "unknown-host", "no-tls", "reset-at-once"];
    private static readonly string[] NoAnswer = ["reset", "silent", "cut"];
    private static readonly Verdict[] Answers = [Verdict.UpstreamError, Verdict.Overloaded, Verdict.UpstreamTimeout];

    private static readonly Verdict[] Refusals =
    [
        Verdict.KeyInvalid, Verdict.KeyLeaked, Verdict.KeyBlocked, Verdict.ProjectDenied, Verdict.BillingExhausted, Verdict.QuotaNone,
        Verdict.QuotaDay, Verdict.QuotaMinute, Verdict.QuotaUnknown, Verdict.ModelUnavailable, Verdict.LocationUnsupported, Verdict.ForbiddenUnknown,
    ];

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string> HarmlessRequests => [.. Harmless];

    public static TheoryData<string> OnceRequests => [.. Once];

    [Theory]
    [MemberData(nameof(HarmlessRequests))]
    public async Task Harmless_PrimaryFailsInAnyWay_IsRepeatedWithSecondary(string request)
    {
        foreach (var failure in (string[])[.. NeverOpened, .. NoAnswer, "302", .. Answers.Select(v => $"{v}"), .. Refusals.Select(v => $"{v}")])
        {
            if (failure == "cut" && request.StartsWith("GET", StringComparison.Ordinal))
            {
                continue; // Its 200 went to the caller with the headers.
            }

            var (answer, attempts) = await SendAsync(request, failure);

            Assert.True((200, 2) == (answer.Status, attempts), $"{request} after {failure}: {answer.Status} after {attempts} attempts.");
        }
    }

    [Theory]
    [MemberData(nameof(OnceRequests))]
    public async Task Once_KeyRefusedOrNothingSent_IsSentWithSecondary(string request)
    {
        foreach (var failure in (string[])[.. NeverOpened, .. Refusals.Select(v => $"{v}")])
        {
            var (answer, attempts) = await SendAsync(request, failure);

            Assert.True((200, 2) == (answer.Status, attempts), $"{request} after {failure}: {answer.Status} after {attempts} attempts.");
        }
    }

    [Theory]
    [MemberData(nameof(OnceRequests))]
    public async Task Once_UpstreamAnswersWithAnError_ReturnsItAsItIs(string request)
    {
        foreach (var verdict in Answers)
        {
            var (answer, attempts) = await SendAsync(request, $"{verdict}");

            Assert.Equal((UpstreamAnswers.Status(verdict), 1), (answer.Status, attempts));
            Assert.Equal(await UpstreamAnswers.Of(verdict).Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Body);
        }

        // Its status, and no address: an SDK would send its key of the edge there.
        Assert.Equal((302, null), await Redirect(request));
    }

    [Theory]
    [MemberData(nameof(OnceRequests))]
    public async Task Once_SentAndNoAnswer_SaysThatNobodyKnows(string request)
    {
        foreach (var failure in NoAnswer)
        {
            if (failure == "cut" && (request.EndsWith(":predict", StringComparison.Ordinal) || request.EndsWith("/generations", StringComparison.Ordinal)))
            {
                continue; // Its 200 went to the caller with the headers: it is no project's, and holds no answer to look into.
            }

            var (answer, attempts) = await SendAsync(request, failure);

            Assert.True((504, 1) == (answer.Status, attempts), $"{request} after {failure}: {answer.Status} after {attempts} attempts.");
            Assert.Contains("outcome_unknown", answer.Body, StringComparison.Ordinal);
            Assert.Equal("1", answer.Header("x-gemini-edge-attempts"));
        }
    }

    [Theory]
    [InlineData("""{"contents":[{"parts":[{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/f"}}]}]}""")]
    [InlineData("""{"contents":[],"cachedContent":"cachedContents/c"}""")]
    public async Task Generate_NamesAResource_FailsOverOnRefusedKeysOnly(string body)
    {
        Assert.Equal((200, 2), await StatusAsync(body, "KeyInvalid"));
        Assert.Equal((200, 2), await StatusAsync(body, "refused"));
        Assert.Equal((503, 1), await StatusAsync(body, "Overloaded"));
        Assert.Equal((504, 1), await StatusAsync(body, "reset"));
        Assert.Equal((504, 1), await StatusAsync(body, "cut"));
    }

    private async Task<(int Status, int Attempts)> StatusAsync(string body, string failure)
    {
        var (answer, attempts) = await SendAsync("POST /v1beta/models/a:generateContent", failure, body);
        return (answer.Status, attempts);
    }

    private async Task<(int, string?)> Redirect(string request)
    {
        var (answer, _) = await SendAsync(request, "302");
        return (answer.Status, answer.Header("Location"));
    }

    /// <summary>Sends it while PRIMARY fails in this way and SECONDARY works.</summary>
    private async Task<(EdgeAnswer Answer, int Attempts)> SendAsync(string request, string failure, string? body = null)
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] ? FailAsync(call, failure) : Task.FromResult(UpstreamAnswers.Of(Verdict.Ok)));
        using var edge = new InProcessEdge(Keys, upstream, _time);
        var (verb, target) = (request.Split(' ')[0], request.Split(' ')[1]);
        body ??= target.StartsWith("/api", StringComparison.Ordinal) ? """{"prompt":"Say hello"}""" : verb is "POST" or "PUT" or "PATCH" ? Contents : null;
        var answer = edge.SendAsync(target, body, verb);
        _time.Advance(TimeSpan.FromSeconds(170));
        return (await answer, upstream.Keys.Count);
    }

    private static async Task<HttpResponseMessage> FailAsync(UpstreamCall call, string failure)
    {
        switch (failure)
        {
            case "refused":
                throw new HttpRequestException(HttpRequestError.ConnectionError);
            case "unknown-host":
                throw new HttpRequestException(HttpRequestError.NameResolutionError);
            case "no-tls":
                throw new HttpRequestException(HttpRequestError.SecureConnectionError);
            case "reset-at-once":
                throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.NotConnected);
            case "reset":
                await call.ReadBodyAsync();
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "It ended.", new IOException("reset"));
            case "silent":
                await call.ReadBodyAsync();
                return await call.StaySilentAsync();
            case "cut":
                await call.ReadBodyAsync();
                return Cut.Answer("""{"name": "files/f", """);
            case "302":
                return new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri("https://elsewhere.example/") } };
            default:
                return UpstreamAnswers.Of(Enum.Parse<Verdict>(failure));
        }
    }
}
