using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.GoogleApiKeys;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Sandbox;

public sealed class GoogleApiKeysTests : IAsyncLifetime
{
    private const string Parent = "projects/edge-keys/locations/global";
    private const string Restricted = """{"displayName":"k","restrictions":{"apiTargets":[{"service":"generativelanguage.googleapis.com"}]}}""";

    private readonly FakeTimeProvider _time = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly HttpClient _http = new();
    private GeminiSandbox _gemini = null!;
    private GoogleApiKeysSandbox _google = null!;

    public async ValueTask InitializeAsync()
    {
        _gemini = await GeminiSandbox.StartAsync(new() { TimeProvider = _time });
        _google = await GoogleApiKeysSandbox.StartAsync(_gemini, new() { TimeProvider = _time, OperationTime = TimeSpan.FromSeconds(2), UnknownFor = TimeSpan.FromSeconds(5), DiesAfter = TimeSpan.FromSeconds(7) });
        _google.AddProject("edge-keys");
        _google.AddServiceAccount("admin@x.iam.gserviceaccount.com", "edge-keys");
        _google.SetRole("edge-keys", "admin@x.iam.gserviceaccount.com", GoogleApiKeysRole.ApiKeysAdmin);
        SignIn("admin@x.iam.gserviceaccount.com");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _google.DisposeAsync();
        await _gemini.DisposeAsync();
    }

    [Fact]
    public async Task Create_AuthKey_IsDoneLaterAndKnownToGeminiLaterStill()
    {
        var created = await SendAsync("POST", $"{Parent}/keys?keyId=my-key", """{"displayName":"k","serviceAccountEmail":"a@x.iam.gserviceaccount.com"}""");
        var early = await SendAsync("GET", $"{created.Json["name"]}");
        Assert.Equal(404, (await SendAsync("GET", $"{Parent}/keys/my-key")).Status);
        _time.Advance(TimeSpan.FromSeconds(2));
        var late = await SendAsync("GET", $"{created.Json["name"]}");
        var value = (await SendAsync("GET", $"{Parent}/keys/my-key/keyString")).Json["keyString"]!.GetValue<string>();

        Assert.Null(created.Json["done"]);
        Assert.Null(early.Json["done"]);
        Assert.True(late.Json["done"]!.GetValue<bool>());
        Assert.Equal("projects/700000000001/locations/global/keys/my-key", late.Json["response"]!["name"]!.GetValue<string>());
        Assert.Equal("type.googleapis.com/google.api.apikeys.v2.Key", late.Json["response"]!["@type"]!.GetValue<string>());
        Assert.Equal("a@x.iam.gserviceaccount.com", late.Json["response"]!["serviceAccountEmail"]!.GetValue<string>());
        Assert.StartsWith("AQ.", value, StringComparison.Ordinal);
        Assert.Equal((400, "API Key not found. Please pass a valid API key."), await AskGeminiAsync(value));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await AskGeminiAsync(value)).Status);
    }

    [Theory]
    [InlineData("keyId=my-key", Restricted, 409)]
    [InlineData("keyId=My_Key", Restricted, 400)]
    [InlineData("", "{", 400)]
    [InlineData("", """{"displayName":"0123456789012345678901234567890123456789012345678901234567890123"}""", 400)]
    public async Task Create_WrongRequest_IsRefused(string query, string body, int status)
    {
        await CreateAsync("my-key");

        Assert.Equal(status, (await SendAsync("POST", $"{Parent}/keys?{query}", body)).Status);
    }

    [Fact]
    public async Task Create_ForAnotherService_IsBlockedAtGemini()
    {
        var key = await CreateAsync("maps", """{"restrictions":{"apiTargets":[{"service":"maps.googleapis.com"}]}}""");

        Assert.Equal(403, (await AskGeminiAsync(key.Key.Value)).Status);
    }

    [Fact]
    public async Task List_InPages_ShowsNoKeyStringsAndDeletedOnesOnDemand()
    {
        var keys = new[] { await CreateAsync("a"), await CreateAsync("b"), await CreateAsync("c") };
        await SendAsync("DELETE", $"{Parent}/keys/b");

        var first = await SendAsync("GET", $"{Parent}/keys?pageSize=1");
        var second = await SendAsync("GET", $"{Parent}/keys?pageSize=1&pageToken={first.Json["nextPageToken"]}");
        var all = await SendAsync("GET", $"{Parent}/keys?showDeleted=true");

        Assert.Equal(keys[0].Name, first.Json["keys"]!.AsArray().Single()!["name"]!.GetValue<string>());
        Assert.Equal(keys[2].Name, second.Json["keys"]!.AsArray().Single()!["name"]!.GetValue<string>());
        Assert.Null(second.Json["nextPageToken"]);
        Assert.Equal([null, "2026-03-01T12:00:21.000000Z", null], all.Json["keys"]!.AsArray().Select(key => key!["deleteTime"]?.GetValue<string>()));
        Assert.All(keys, key => Assert.DoesNotContain(key.Key.Value, all.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Delete_Key_DiesLaterAndComesBackFor30Days()
    {
        var key = await CreateAsync("k");
        Assert.Equal(409, (await SendAsync("DELETE", $"{Parent}/keys/k?etag=other")).Status);
        var deleted = await SendAsync("DELETE", $"{Parent}/keys/k");

        Assert.Equal(200, deleted.Status);
        Assert.Equal(200, (await AskGeminiAsync(key.Key.Value)).Status);
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal((400, "API Key not found. Please pass a valid API key."), await AskGeminiAsync(key.Key.Value));
        Assert.Equal("FAILED_PRECONDITION", (await SendAsync("DELETE", $"{Parent}/keys/k")).Error["status"]!.GetValue<string>());

        Assert.Equal(200, (await SendAsync("POST", $"{Parent}/keys/k:undelete", "{}")).Status);
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(200, (await AskGeminiAsync(key.Key.Value)).Status);

        await SendAsync("DELETE", $"{Parent}/keys/k");
        _time.Advance(TimeSpan.FromDays(30));
        SignIn("admin@x.iam.gserviceaccount.com");
        Assert.Equal(404, (await SendAsync("POST", $"{Parent}/keys/k:undelete", "{}")).Status);
    }

    [Fact]
    public async Task Update_WithAMask_ChangesWhatItNames()
    {
        var key = await CreateAsync("k");

        var changed = await SendAsync("PATCH", $"{Parent}/keys/k?updateMask=displayName", """{"displayName":"other","annotations":{"a":"b"}}""");
        var refused = await SendAsync("PATCH", $"{Parent}/keys/k?updateMask=serviceAccountEmail", "{}");

        Assert.Equal((200, 400), (changed.Status, refused.Status));
        Assert.Equal(("other", 0), (key.DisplayName, key.Annotations.Count));
        Assert.Equal(["generativelanguage.googleapis.com"], key.ApiTargets);
    }

    [Fact]
    public async Task LookupKey_ByItsString_NamesIt()
    {
        var key = await CreateAsync("k");

        var found = await SendAsync("GET", $"keys:lookupKey?keyString={key.Key.Value}");

        Assert.Equal((key.Name, "projects/700000000001/locations/global"), (found.Json["name"]!.GetValue<string>(), found.Json["parent"]!.GetValue<string>()));
        Assert.Equal(404, (await SendAsync("GET", "keys:lookupKey?keyString=other")).Status);
    }

    [Theory]
    [InlineData(GoogleApiKeysRole.None, 403, 403, 403)]
    [InlineData(GoogleApiKeysRole.ServiceUsageConsumer, 403, 403, 403)]
    [InlineData(GoogleApiKeysRole.ApiKeysViewer, 200, 200, 403)]
    [InlineData(GoogleApiKeysRole.ApiKeysAdmin, 200, 200, 200)]
    public async Task Request_OfARole_MayDoWhatTheRoleAllows(GoogleApiKeysRole role, int list, int read, int delete)
    {
        await CreateAsync("k");
        _google.SetRole("edge-keys", "admin@x.iam.gserviceaccount.com", role);

        Assert.Equal(list, (await SendAsync("GET", $"{Parent}/keys")).Status);
        Assert.Equal(read, (await SendAsync("GET", $"{Parent}/keys/k/keyString")).Status);
        Assert.Equal(delete, (await SendAsync("DELETE", $"{Parent}/keys/k")).Status);
    }

    [Fact]
    public async Task Request_WithoutAValidToken_IsUnauthenticated()
    {
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((401, "ACCESS_TOKEN_EXPIRED"), ReasonOf(await SendAsync("GET", $"{Parent}/keys")));
        _http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal((401, "CREDENTIALS_MISSING"), ReasonOf(await SendAsync("GET", $"{Parent}/keys")));
    }

    [Theory]
    [InlineData(null, "SERVICE_DISABLED", "projects/764086051850")]
    [InlineData("unknown", "USER_PROJECT_DENIED", "projects/unknown")]
    [InlineData("disabled", "SERVICE_DISABLED", "projects/700000000003")]
    [InlineData("edge-keys", null, null)]
    public async Task Request_OfAPerson_CountsAgainstTheProjectItNames(string? quotaProject, string? reason, string? consumer)
    {
        _google.AddProject("disabled", apiEnabled: false);
        _google.SetRole("disabled", "anna", GoogleApiKeysRole.ServiceUsageConsumer);
        _google.SetRole("edge-keys", "anna", GoogleApiKeysRole.ApiKeysAdmin);
        SignIn("anna");
        if (quotaProject is not null)
        {
            _http.DefaultRequestHeaders.Add("x-goog-user-project", quotaProject);
        }

        var reply = await SendAsync("GET", $"{Parent}/keys");

        Assert.Equal(reason is null ? 200 : 403, reply.Status);
        Assert.Equal((reason, consumer), reason is null ? (null, null) : (reply.Reason, reply.Error["details"]![0]!["metadata"]!["consumer"]!.GetValue<string>()));
    }

    [Fact]
    public async Task OnRequest_Fails_AsItIsTold()
    {
        _google.OnRequest = request => request.Operation switch
        {
            GoogleApiKeysOperation.Create => GoogleApiKeysFault.FailedOperation,
            GoogleApiKeysOperation.List => GoogleApiKeysFault.Exhausted429,
            GoogleApiKeysOperation.Get => GoogleApiKeysFault.LostAnswer,
            _ => null,
        };
        var created = await SendAsync("POST", $"{Parent}/keys", Restricted);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(13, (await SendAsync("GET", $"{created.Json["name"]}")).Json["error"]!["code"]!.GetValue<int>());
        Assert.Empty(_google.Keys);
        Assert.Equal(429, (await SendAsync("GET", $"{Parent}/keys")).Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync("GET", $"{Parent}/keys/k"));
    }

    private static (int, string?) ReasonOf(Reply reply) => (reply.Status, reply.Reason);

    private void SignIn(string principal) => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _google.IssueToken(principal));

    /// <summary>Creates a key, and waits until Gemini knows it.</summary>
    private async Task<GoogleApiKey> CreateAsync(string id, string body = Restricted)
    {
        Assert.Equal(200, (await SendAsync("POST", $"{Parent}/keys?keyId={id}", body)).Status);
        _time.Advance(TimeSpan.FromSeconds(7));
        return _google.Keys[^1];
    }

    private async Task<Reply> SendAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_google.BaseUrl, $"v2/{path}")) { Content = body is null ? null : new StringContent(body) };
        using var response = await _http.SendAsync(request);
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(), new Dictionary<string, string>());
    }

    private async Task<(int Status, string? Message)> AskGeminiAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_gemini.BaseUrl, "v1beta/models")) { Headers = { { "x-goog-api-key", key } } };
        using var client = new HttpClient();
        using var response = await client.SendAsync(request);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]?["message"]?.GetValue<string>());
    }
}
