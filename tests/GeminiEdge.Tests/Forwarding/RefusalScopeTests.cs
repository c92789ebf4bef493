using System.Net;
using System.Text;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>What one caller's call is refused must not take the keys from the others.</summary>
public class RefusalScopeTests
{
    private const string OneMethodBlocked = "403-service-blocked.json";
    private static readonly string[] Keys = ["the-first-key-of-two", "the-second-key-of-two"];
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    /// <summary>A call that both keys are refused, as method, path, body, status and answer.</summary>
    public static TheoryData<string, string, string?, int, string> Refused => new()
    {
        { "POST", "/v1beta/models/a:batchGenerateContent", EdgeHost.Contents("Hello"), 429, "429-batch-help.json" },
        { "POST", "/v1beta/models/a:asyncBatchEmbedContent", EdgeHost.Contents("Hello"), 429, "429-batch-metric.json" },
        { "POST", "/v1beta/models/a:generateContent", Grounded("google_search"), 429, "429-vague.json" },
        { "POST", "/v1beta/models/a:generateContent", Grounded("googleMaps"), 429, "429-help-only.json" },
        { "POST", "/v1beta/models/a:countTokens", EdgeHost.Contents("Hello"), 429, "429-vague.json" },
        { "POST", "/v1beta/models/a:predict", EdgeHost.Contents("Hello"), 429, "429-vague.json" },
        { "POST", "/v1beta/openai/chat/completions", """{"model":"a","messages":[]}""", 429, "429-vague.json" },
        { "POST", "/v1beta/models/a:batchGenerateContent", EdgeHost.Contents("Hello"), 403, OneMethodBlocked },
        { "GET", "/v1beta/files", null, 403, OneMethodBlocked },
        { "POST", "/v1beta/cachedContents", "{}", 403, "403-consumer-suspended.json" },
        { "GET", "/v1beta/models", null, 403, OneMethodBlocked },
        { "POST", "/v1beta/interactions", "{}", 401, "401-plain-batch.json" },
        { "POST", "/v1beta/models/a:generateAnswer", "{}", 403, OneMethodBlocked },
        { "POST", "/v1beta/tunedModels/x:generateContent", "{}", 403, OneMethodBlocked },
        { "POST", "/v1beta/tunedModels", "{}", 401, "401-credentials-missing.json" },
        { "POST", "/v1beta/tunedModels", "{}", 401, "401-plain-batch.json" },
        { "POST", "/v1beta/files:register", "{}", 401, "401-plain-batch.json" },
        { "POST", "/v1beta/models/a:generateContent", Grounded("google_search"), 401, "401-credentials-missing.json" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Chat_BehindARefusedCallOfAnotherKind_IsAnsweredByTheFirstKey(string verb, string path, string? body, int status, string answer)
    {
        using var upstream = Refusing(path, body, status, answer);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        for (var i = 0; i < 3; i++)
        {
            await edge.SendAsync(path, body, verb);
        }

        upstream.Forget();
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(200, (await edge.NativeAsync()).Status);
        }

        Assert.All(upstream.Keys, key => Assert.Equal(Keys[0], key));
        Assert.Equal(200, (await edge.SendAsync("/api/health", verb: "GET")).Status);
    }

    [Theory]
    [InlineData("/v1beta/tunedModels", "401-credentials-missing.json")]
    [InlineData("/v1beta/tunedModels", "401-plain-batch.json")]
    [InlineData("/v1beta/files:register", "401-plain-batch.json")]
    [InlineData("/v1beta/models/a:somethingNew", "401-credentials-missing.json")]
    public async Task Call_ThatTakesNoApiKeys_ReturnsGooglesAnswerAndChangesNoKey(string path, string answer)
    {
        using var upstream = Refusing(path, "{}", 401, answer);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        var refused = await edge.SendAsync(path, "{}");

        Assert.Equal((401, UpstreamAnswers.Fixture(answer)), (refused.Status, refused.Body));
        Assert.Equal(Keys, upstream.Keys);
        Assert.DoesNotContain(edge.Log, line => line.Contains("key_state_changed", StringComparison.Ordinal));
        Assert.All(edge.Ring.Keys, key => Assert.True(key.Health.IsUntroubled));
        Assert.Equal(200, (await edge.SendAsync("/v1beta/models", verb: "GET")).Status);
    }

    [Fact]
    public async Task UnknownCall_AnotherKeyMayDoIt_RestsTheKeyThatMayNot()
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] ? Fixture(401, "401-plain-batch.json") : Fixture(200, "200-generate.json"));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        Assert.Equal(200, (await edge.SendAsync("/v1beta/tunedModels", "{}")).Status);
        Assert.Equal(200, (await edge.SendAsync("/v1beta/tunedModels", "{}")).Status);

        Assert.Equal([Keys[0], Keys[1], Keys[1]], upstream.Keys);
    }

    [Fact]
    public async Task Call_OfTheRefusedKind_GoesToTheOtherKeyUntilATrialProvesIt()
    {
        var blocked = true;
        using var upstream = new FakeUpstream(call => blocked && call.Key == Keys[0] && call.Path.Contains("batch", StringComparison.Ordinal)
            ? Fixture(403, OneMethodBlocked)
            : Fixture(200, "200-generate.json"));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        await edge.NativeAsync(action: "batchGenerateContent");
        await edge.NativeAsync(action: "batchGenerateContent");
        Assert.Equal([Keys[0], Keys[1], Keys[1]], upstream.Keys);

        blocked = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        await edge.NativeAsync(action: "batchGenerateContent");
        Assert.Equal(Keys[0], upstream.Keys[^1]);
    }

    /// <summary>What Google says of the key itself counts for everything that is asked with it, wherever it is said.</summary>
    [Theory]
    [InlineData("/v1beta/models/a:batchGenerateContent", 400, "400-api-key-invalid.json")]
    [InlineData("/v1beta/tunedModels", 400, "400-api-key-invalid.json")]
    [InlineData("/v1beta/tunedModels", 401, "401-api-key-invalid.json")]
    [InlineData("/v1beta/cachedContents", 403, "403-leaked.json")]
    [InlineData("/v1beta/interactions", 402, "402-prepay.json")]
    public async Task Call_RefusedForTheKeyAsAWhole_RestsItForAllKinds(string path, int status, string answer)
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] ? Fixture(status, answer) : Fixture(200, "200-generate.json"));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        Assert.Equal(200, (await edge.SendAsync(path, "{}")).Status);
        upstream.Forget();
        Assert.Equal(200, (await edge.NativeAsync()).Status);

        Assert.Equal([Keys[1]], upstream.Keys);
    }

    [Fact]
    public async Task Health_AKindThatTheKeysNeverServed_IsRefused_StaysUp()
    {
        using var upstream = new FakeUpstream(_ => Fixture(403, OneMethodBlocked));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        await edge.NativeAsync(action: "batchGenerateContent");
        Assert.Equal((200, KeyState.Unknown), await StateAsync(edge));

        await edge.NativeAsync();
        Assert.Equal((503, KeyState.Rejected), await StateAsync(edge));
    }

    [Fact]
    public async Task Health_ATenthOfTheTrafficIsRefused_IsUpWithARejectedKey()
    {
        var blocked = false;
        using var upstream = new FakeUpstream(call => blocked && call.Path.Contains("batch", StringComparison.Ordinal)
            ? Fixture(403, OneMethodBlocked)
            : Fixture(200, "200-generate.json"));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);
        for (var i = 0; i < 9; i++)
        {
            await edge.NativeAsync();
        }

        await edge.NativeAsync(action: "batchGenerateContent");
        blocked = true;
        await edge.NativeAsync(action: "batchGenerateContent");
        Assert.Equal((200, KeyState.Rejected), await StateAsync(edge));

        for (var i = 0; i < 3; i++)
        {
            await edge.NativeAsync();
        }

        Assert.Equal((200, KeyState.Healthy), await StateAsync(edge));
    }

    [Fact]
    public async Task Refusal_ThatNamesAnotherProject_IsAboutTheRequest()
    {
        var foreign = false;
        using var upstream = new FakeUpstream(_ => foreign ? Consumer("CONSUMER_INVALID", "projects/999", 403)
            : Consumer("RATE_LIMIT_EXCEEDED", "projects/111", 429));
        using var edge = new InProcessEdge([Keys[0]], upstream, _time, InProcessEdge.NoPatience);
        await edge.NativeAsync();
        _time.Advance(TimeSpan.FromMinutes(5));
        foreign = true;

        var answer = await edge.NativeAsync();

        Assert.Equal(403, answer.Status);
        Assert.Contains("CONSUMER_INVALID", answer.Body, StringComparison.Ordinal);
        Assert.True(edge.Ring.Keys[0].Health.IsUntroubled);
    }

    [Theory]
    [InlineData("400-multiple-credentials-array.json")]
    [InlineData("400-missing-authorization-array.json")]
    [InlineData("400-invalid-auth-key-array.json")]
    public async Task OwnCredential_RefusedOnTheOpenAiRoute_RestsTheKeyForThatRouteAloneForFiveMinutes(string answer)
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] && call.Path.Contains("openai", StringComparison.Ordinal)
            ? Fixture(400, answer)
            : Fixture(200, call.Path.Contains("openai", StringComparison.Ordinal) ? "200-openai-chat.json" : "200-generate.json"));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);
        const string chat = "/v1beta/openai/chat/completions";

        Assert.Equal(200, (await edge.SendAsync(chat, """{"model":"a","messages":[]}""")).Status);
        Assert.Equal(200, (await edge.SendAsync(chat, """{"model":"b","messages":[]}""")).Status);
        Assert.Equal(200, (await edge.NativeAsync()).Status);
        Assert.Equal([Keys[0], Keys[1], Keys[1], Keys[0]], upstream.Keys);

        _time.Advance(TimeSpan.FromMinutes(5));
        await edge.SendAsync(chat, """{"model":"a","messages":[]}""");
        Assert.Equal(Keys[0], upstream.Keys[4]);
    }

    [Theory]
    [InlineData("/v1beta/openai/images/generations", "/v1beta/models/a:predict")]
    [InlineData("/v1beta/openai/files", "/v1beta/files")]
    [InlineData("/v1beta/openai/batches", "/v1beta/models/a:batchGenerateContent")]
    public async Task OwnCredential_RefusedOnAnotherOpenAiRoute_LeavesNativeCallsOfTheSameKindAlone(string openAi, string native)
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] && call.Path.Contains("openai", StringComparison.Ordinal)
            ? Fixture(400, "400-multiple-credentials-array.json")
            : Fixture(200, "200-generate.json"));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        Assert.Equal(200, (await edge.SendAsync(openAi, "{}")).Status);
        await edge.SendAsync(native, "{}");

        Assert.Equal([Keys[0], Keys[1], Keys[0]], upstream.Keys);
    }

    [Fact]
    public async Task Health_OwnCredentialIsRefusedOnTheFirstCall_StaysUp()
    {
        using var upstream = new FakeUpstream(_ => Fixture(400, "400-multiple-credentials-array.json"));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        await edge.SendAsync("/v1beta/openai/chat/completions", """{"model":"a","messages":[]}""");

        Assert.Equal((200, KeyState.Unknown), await StateAsync(edge));
    }

    [Theory]
    [InlineData("/v1beta/tunedModels", """{"baseModel":"models/a"}""", 404, "404-model-closed.json")]
    [InlineData("/v1beta/openai/images/edits", "no JSON", 400, "400-billed-only.json")]
    public async Task ClosedModel_OfACallThatNamesNone_RestsNothing(string path, string body, int status, string answer)
    {
        using var upstream = Refusing(path, body, status, answer);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        await edge.SendAsync(path, body);
        upstream.Forget();

        Assert.Equal(200, (await edge.SendAsync("/v1beta/files", verb: "GET")).Status);
        Assert.Equal(200, (await edge.SendAsync("/v1beta/models", verb: "GET")).Status);
        Assert.Equal([Keys[0], Keys[0]], upstream.Keys);
    }

    [Fact]
    public async Task OpenAi_EveryKeysCredentialIsRefused_SaysSoWithEachKey()
    {
        using var upstream = new FakeUpstream(_ => Fixture(400, "400-multiple-credentials-array.json"));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        var answer = await edge.SendAsync("/v1beta/openai/chat/completions", """{"model":"a","messages":[]}""");

        Assert.Equal(502, answer.Status);
        Assert.Equal(2, answer.Body.Split("credential_refused (400)").Length - 1);
    }

    [Theory]
    [InlineData("a", "a", false)]
    [InlineData("a", "b", true)]
    public async Task BilledUsersOnly_RestsTheModelForEveryKindOfCall(string refusedModel, string asked, bool byFirst)
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] && call.Path.Contains(":predict", StringComparison.Ordinal)
            ? Fixture(400, "400-billed-only.json")
            : Fixture(200, "200-generate.json"));
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);
        Assert.Equal(200, (await edge.NativeAsync(refusedModel, "predict")).Status);

        await edge.NativeAsync(asked);

        Assert.Equal(Keys[byFirst ? 0 : 1], upstream.Keys[^1]);
    }

    private static async Task<(int Health, KeyState Primary)> StateAsync(InProcessEdge edge) =>
        ((await edge.SendAsync("/api/health", verb: "GET")).Status, edge.Ring.Keys[0].Health.State);

    private static string Grounded(string tool) => $$$"""{"contents":[{"parts":[{"text":"News?"}]}],"tools":[{"{{{tool}}}":{}}]}""";

    private static HttpResponseMessage Consumer(string reason, string project, int status) => Json(status, $$"""
        {
          "error": { "code": {{status}}, "message": "Refused.", "status": "PERMISSION_DENIED", "details": [
            { "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "{{reason}}", "domain": "googleapis.com", "metadata": { "consumer": "{{project}}" } } ] }
        }
        """);

    private static HttpResponseMessage Fixture(int status, string file) => Json(status, UpstreamAnswers.Fixture(file));

    private static HttpResponseMessage Json(int status, string body) =>
        new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    /// <summary>Refuses this call, told from a chat by its path or its tools, and answers the rest.</summary>
    private static FakeUpstream Refusing(string path, string? body, int status, string answer) => new(async call =>
    {
        var sent = call.Request.Content is null ? "" : await call.Request.Content.ReadAsStringAsync(call.Cancelled);
        var isTools = body?.Contains("\"tools\"", StringComparison.Ordinal) == true;
        return call.Path == path && (!isTools || sent.Contains("\"tools\"", StringComparison.Ordinal))
            ? Fixture(status, answer)
            : Fixture(200, "200-generate.json");
    });
}
