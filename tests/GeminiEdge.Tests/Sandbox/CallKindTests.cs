using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Sandbox;

/// <summary>A key that is refused for one kind of call, or in one of the forms that public reports show.</summary>
public class CallKindTests
{
    private const string Search = """{"contents":[{"parts":[{"text":"News?"}]}],"tools":[{"google_search":{}}]}""";

    /// <summary>A call of each kind that has one which is answered.</summary>
    public static TheoryData<SandboxCallKind, string, string, string> Calls => new()
    {
        { SandboxCallKind.Generate, "POST", $"/v1beta/models/{SandboxClient.Model}:generateContent", SandboxClient.Prompt },
        { SandboxCallKind.Generate, "POST", $"/v1beta/models/{SandboxClient.Model}:streamGenerateContent", SandboxClient.Prompt },
        { SandboxCallKind.Grounded, "POST", $"/v1beta/models/{SandboxClient.Model}:generateContent", Search },
        { SandboxCallKind.Count, "POST", $"/v1beta/models/{SandboxClient.Model}:countTokens", SandboxClient.Prompt },
        { SandboxCallKind.Embed, "POST", "/v1beta/models/gemini-embedding-001:embedContent", """{"content":{"parts":[{"text":"Hi"}]}}""" },
        { SandboxCallKind.Batch, "POST", $"/v1beta/models/{SandboxClient.Model}:batchGenerateContent", """{"batch":{"inputConfig":{"requests":{"requests":[{"request":{}}]}}}}""" },
        { SandboxCallKind.Batch, "GET", "/v1beta/batches", "" },
        { SandboxCallKind.Cache, "GET", "/v1beta/cachedContents", "" },
        { SandboxCallKind.File, "GET", "/v1beta/files", "" },
        { SandboxCallKind.Interaction, "POST", "/v1beta/interactions", $$"""{"model":"{{SandboxClient.Model}}","input":"Hi"}""" },
        { SandboxCallKind.OpenAi, "GET", "/v1beta/openai/models", "" },
        { SandboxCallKind.Other, "GET", "/v1beta/models", "" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task SetState_OfOneKind_RefusesThatKindAlone(SandboxCallKind kind, string method, string target, string body)
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        foreach (var other in Enum.GetValues<SandboxCallKind>().Where(other => other != kind))
        {
            key.SetState(other, SandboxKeyState.Blocked);
        }

        var answered = await SendAsync(client, key, method, target, body);
        key.SetState(kind, SandboxKeyState.QuotaHelpOnly);
        var refused = await SendAsync(client, key, method, target, body);
        key.SetState(kind, null);
        var again = await SendAsync(client, key, method, target, body);

        Assert.True(answered.Status == 200, answered.Text);
        Assert.Equal((429, 200), (refused.Status, again.Status));
        Assert.Contains("check your plan and billing details", refused.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SandboxKeyState.QuotaHelpOnly, 429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.")]
    [InlineData(SandboxKeyState.QuotaInMetadata, 429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Generate Content API requests per minute'")]
    [InlineData(SandboxKeyState.WaitInWords, 429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.\nPlease retry in 37.4s.")]
    [InlineData(SandboxKeyState.BilledUsersOnly, 400, "INVALID_ARGUMENT", "Imagen API is only accessible to billed users at this time.")]
    [InlineData(SandboxKeyState.MultipleCredentials, 400, "INVALID_ARGUMENT", "Multiple authentication credentials received. Please pass only one.")]
    [InlineData(SandboxKeyState.CredentialsMissing, 401, "UNAUTHENTICATED", "API keys are not supported by this API.")]
    [InlineData(SandboxKeyState.Cancelled, 499, "CANCELLED", "The operation was cancelled.")]
    public async Task Generate_KeyInState_AnswersAsReported(SandboxKeyState state, int status, string name, string message)
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey(state: state);
        key.RetryDelay = TimeSpan.FromSeconds(37.4);

        var reply = await client.GenerateAsync(key);

        Assert.Equal((status, name), (reply.Status, reply.Error["status"]!.GetValue<string>()));
        Assert.StartsWith(message, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_QuotaInMetadata_SaysTheLimitThereAlone()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey(project: "projects/77", state: SandboxKeyState.QuotaInMetadata);
        key.QuotaLimit = 15;

        var detail = Assert.Single((await client.GenerateAsync(key)).Error["details"]!.AsArray())!;

        Assert.Equal(("RATE_LIMIT_EXCEEDED", "15", "projects/77"), (detail["reason"]!.GetValue<string>(), detail["metadata"]!["quota_limit_value"]!.GetValue<string>(), detail["metadata"]!["consumer"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Generate_HelpOnly_HasNothingButALink()
    {
        await using var client = await SandboxClient.StartAsync();

        var detail = Assert.Single((await client.GenerateAsync(client.Sandbox.AddKey(state: SandboxKeyState.QuotaHelpOnly))).Error["details"]!.AsArray())!;

        Assert.Equal("type.googleapis.com/google.rpc.Help", detail["@type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Generate_RequestTimeout_IsAPage()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(state: SandboxKeyState.RequestTimeout));

        Assert.Equal((408, "text/html"), (reply.Status, reply.ContentType));
    }

    [Theory]
    [InlineData("?alt=sse", false)]
    [InlineData("", true)]
    public async Task Stream_CancelledAtItsStart_Is200WithTheErrorFirst(string query, bool isArray)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync($"/v1beta/models/{SandboxClient.Model}:streamGenerateContent{query}", SandboxClient.Prompt, client.Sandbox.AddKey(state: SandboxKeyState.CancelledAtStreamStart));

        Assert.Equal((200, isArray, 499), (reply.Status, reply.Json is JsonArray, reply.Error["code"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("POST", "/v1beta/tunedModels")]
    [InlineData("GET", "/v1beta/tunedModels")]
    [InlineData("POST", "/v1beta/tunedModels/mine:generateContent")]
    [InlineData("POST", "/v1beta/files:register")]
    public async Task Method_ThatTakesNoKeys_Answers401ToEveryKey(string method, string target)
    {
        await using var client = await SandboxClient.StartAsync();

        foreach (var key in new[] { client.Sandbox.AddKey(), client.Sandbox.AddKey(state: SandboxKeyState.QuotaDay) })
        {
            var reply = await SendAsync(client, key, method, target, "{}");
            Assert.Equal((401, "CREDENTIALS_MISSING"), (reply.Status, reply.Reason));
        }
    }

    [Theory]
    [InlineData("POST", "/v1beta/models/veo-3:predictLongRunning", false)]
    [InlineData("POST", "/v1beta/models/gemini-embedding-001:asyncBatchEmbedContent", false)]
    [InlineData("GET", "/v1beta/models/veo-3/operations/abc", false)]
    [InlineData("GET", "/v1beta/operations/abc", false)]
    [InlineData("POST", "/v1beta/fileSearchStores", false)]
    [InlineData("GET", "/v1beta/fileSearchStores/a/documents/b", false)]
    [InlineData("POST", "/upload/v1beta/fileSearchStores/a:uploadToFileSearchStore", false)]
    [InlineData("POST", "/v1beta/openai/images/generations", true)]
    public async Task Method_ThatIsNotSimulated_SaysSoInGooglesForm(string method, string target, bool isArray)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await SendAsync(client, client.Sandbox.AddKey(), method, target, "{}");

        Assert.Equal((501, "UNIMPLEMENTED", isArray), (reply.Status, reply.Error["status"]!.GetValue<string>(), reply.Json is JsonArray));
        Assert.Equal($"The sandbox doesn't simulate {method} {target}.", reply.Message);
    }

    [Theory]
    [InlineData("GET", "/v1beta/nothing")]
    [InlineData("POST", "/v1beta/models/gemini-flash-latest:generateNothing")]
    [InlineData("GET", "/v1beta/models/a/b/c")]
    public async Task Method_ThatNobodyHas_AnswersTheFrontsPage(string method, string target)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await SendAsync(client, client.Sandbox.AddKey(), method, target, "{}");

        Assert.Equal((404, "text/html"), (reply.Status, reply.ContentType));
    }

    private static Task<Reply> SendAsync(SandboxClient client, SandboxKey key, string method, string target, string body) => client.SendAsync(
        new HttpMethod(method), target, method == "GET" ? null : SandboxClient.Json(body),
        target.Contains("/openai/", StringComparison.Ordinal) ? ("Authorization", $"Bearer {key.Value}") : ("x-goog-api-key", key.Value));
}
