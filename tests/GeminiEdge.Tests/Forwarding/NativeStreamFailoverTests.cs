using System.Text;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Tests.Keys;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Forwarding;

public class NativeStreamFailoverTests
{
    private const string Model = "gemini-flash-latest";

    // The verdict, the key's state after it, and the error inside the 200.
    private static readonly (string Verdict, KeyState State, string Error)[] KeyErrors =
    [
        ("key_invalid", KeyState.Rejected, Error(400, "API key expired. Please renew the API key.", Reason("API_KEY_INVALID"))),
        ("key_invalid", KeyState.Rejected, Error(401, "Request had invalid authentication credentials.", Reason("ACCESS_TOKEN_TYPE_UNSUPPORTED"))),
        ("key_leaked", KeyState.Rejected, Error(403, "Your API key was reported as leaked. Please use another API key.")),
        ("key_blocked", KeyState.Rejected, Error(403, "Requests to this API are blocked.", Reason("API_KEY_SERVICE_BLOCKED"))),
        ("project_denied", KeyState.Rejected, Error(403, "It is disabled.", Reason("SERVICE_DISABLED"))),
        ("billing_exhausted", KeyState.CoolingDown, Error(429, "Your prepayment credits are depleted.")),
        ("quota_none", KeyState.CoolingDown, Error(429, "Quota exceeded for metric: m, limit: 0")),
        ("quota_day", KeyState.CoolingDown, Error(429, "Exceeded.", Quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"))),
        ("quota_minute", KeyState.CoolingDown, Error(429, "Exceeded.", Quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"))),
        ("quota_unknown", KeyState.CoolingDown, Error(429, "Resource has been exhausted (e.g. check quota).")),
        ("model_unavailable", KeyState.CoolingDown, Error(404, "This model models/m is no longer available to new users.")),
        ("overloaded", KeyState.Unknown, Error(503, "The model is overloaded.")),
        ("upstream_error", KeyState.Unknown, Error(500, "An internal error has occurred.")),
        ("location_unsupported", KeyState.Unknown, Error(400, "User location is not supported for the API use.")),
        ("forbidden_unknown", KeyState.Unknown, Error(403, "The caller does not have permission")),
    ];

    // How an error can stand at the beginning of a 200, and the same later on.
    private static readonly (string ContentType, string First, string Later)[] Places =
    [
        (ScriptedAnswer.EventStream, "{0}\n", "{0}\n"),
        (ScriptedAnswer.EventStream, "data: {0}\r\n\r\n", "data: {0}\r\n\r\n"),
        (ScriptedAnswer.EventStream, "data: {0}", "data: {0}"),
        (ScriptedAnswer.EventStream, "[{0}\n]\n", "[{0}\n]\n"),
        (ScriptedAnswer.Json, "[{0}\n]\n", ",\r\n{0}\n]\n"),
    ];

    public static TheoryData<string, string, string, string, string> Errors
    {
        get
        {
            var data = new TheoryData<string, string, string, string, string>();
            foreach (var (verdict, state, error) in KeyErrors)
            {
                foreach (var (contentType, first, later) in Places)
                {
                    var before = contentType == ScriptedAnswer.Json ? "[" + GeminiChunk.Text("One") : GeminiChunk.Event(GeminiChunk.Text("One"));
                    data.Add(verdict, state.ToString(), contentType, first.Replace("{0}", error, StringComparison.Ordinal), before + later.Replace("{0}", error, StringComparison.Ordinal));
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Stream_FirstPieceIsAnError_FailsOver(string verdict, string state, string contentType, string first, string later)
    {
        Assert.NotEqual(first, later);
        await using var edge = await EdgeHost.StartAsync();
        AnswerPrimary(edge, contentType, first);

        using var response = await edge.NativeAsync("streamGenerateContent?alt=sse");

        Assert.Equal((edge.Secondary.Value[^4..], "2"), (response.Header("x-gemini-edge-key-id"), response.Header("x-gemini-edge-attempts")));
        var (bytes, isWhole) = await response.ReadAllAsync();
        Assert.True(isWhole);
        Assert.DoesNotContain("error", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        var attempts = await edge.Log.WaitForAsync("attempt", 2);
        Assert.Equal(("gemini_fail", verdict, "next_key", false), (attempts[0]["event"]!.GetValue<string>(),
            attempts[0]["verdict"]!.GetValue<string>(), attempts[0]["next"]!.GetValue<string>(), attempts[0]["committed"]!.GetValue<bool>()));
        Assert.Equal(state, edge.Ring.Keys[0].Health.StateFor(Model).ToString());
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Stream_LaterPieceIsAnError_PassesByteForByteAndCountsAgainstTheKey(
        string verdict, string state, string contentType, string first, string later)
    {
        Assert.NotEqual(first, later);
        await using var edge = await EdgeHost.StartAsync();
        AnswerPrimary(edge, contentType, later);

        using var response = await edge.NativeAsync("streamGenerateContent?alt=sse");

        var (bytes, isWhole) = await response.ReadAllAsync();
        Assert.True(isWhole);
        Assert.Equal(later, Encoding.UTF8.GetString(bytes));
        var attempt = (await edge.Log.WaitForAsync("attempt", 1)).Single();
        Assert.Equal(("gemini_fail", verdict, "return", true), (attempt["event"]!.GetValue<string>(),
            attempt["verdict"]!.GetValue<string>(), attempt["next"]!.GetValue<string>(), attempt["committed"]!.GetValue<bool>()));
        Assert.Equal(0, edge.Secondary.RequestCount);

        // What says nothing against the key leaves it as its first event made it.
        var expected = state == nameof(KeyState.Unknown) ? nameof(KeyState.Healthy) : state;
        Assert.Equal(expected, edge.Ring.Keys[0].Health.StateFor(Model).ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_LaterPieceIsAnErrorAndThenTheConnectionEnds_KeepsTheVerdict(bool clientLeaves)
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
        edge.Sandbox.OnRequest = upstream.AnswerAsync;
        var pieces = GeminiChunk.Event(GeminiChunk.Text("One")) + KeyErrors.First(e => e.Verdict == "quota_minute").Error + "\n";
        upstream.Send(pieces);
        var response = await edge.NativeAsync("streamGenerateContent?alt=sse");
        await (await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)).ExpectAsync(pieces);

        if (clientLeaves)
        {
            response.Dispose();
        }
        else
        {
            upstream.Cut();
        }

        Assert.Equal("quota_minute", (await edge.Log.WaitForAsync("gemini_fail"))["verdict"]!.GetValue<string>());
        Assert.Equal(KeyState.CoolingDown, edge.Ring.Keys[0].Health.StateFor(Model));
    }

    private static void AnswerPrimary(EdgeHost edge, string contentType, string answer) => edge.Sandbox.OnRequest = async context =>
    {
        if (context.Request.Headers["x-goog-api-key"] != edge.Primary.Value)
        {
            return false;
        }

        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(answer);
        return true;
    };

    private static string Error(int code, string message, string details = "[]") => GeminiChunk.Error(code, "STATUS", message, details);

    private static string Reason(string reason) => $$"""[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{{reason}}","domain":"googleapis.com"}]""";

    private static string Quota(string id) =>
        $$"""[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"{{id}}","quotaValue":"10"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"19s"}]""";
}
