using System.Net;
using System.Text.RegularExpressions;
using GeminiEdge.Configuration;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using static GeminiEdge.Tests.Forwarding.SignedUpload;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Clients send the rest of an upload without a credential: the URL that the edge signed lets in that upload, and nothing else.</summary>
public class SignedUploadTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public static TheoryData<string, string> Changes => new()
    {
        { "another upload", @"upload_id=[^&]+ → upload_id=another" },
        { "another key", @"key_id=[^&]+ → key_id=SECONDARY" },
        { "a key that isn't there", @"key_id=[^&]+ → key_id=none" },
        { "a later end", @"expires=\d+ → expires=9999999999" },
        { "no end", @"&gemini_edge_expires=\d+ → " },
        { "an end that is no number", @"expires=\d+ → expires=soon" },
        { "no key", @"&gemini_edge_key_id=[^&]+ → " },
        { "no upload", @"upload_id=[^&]+& → " },
        { "no protocol", @"&upload_protocol=resumable → " },
        { "no signature", @"&gemini_edge_signature=.+ → " },
        { "an empty signature", @"signature=.+ → signature=" },
        { "a shorter signature", @".$ → " },
        { "a longer signature", @"$ → A" },
        { "a padded signature", @"$ → =" },
        { "a parameter in front", @"\? → ?a=b&" },
        { "a parameter in the middle", @"&gemini_edge_expires → &a=b&gemini_edge_expires" },
        { "a parameter before the signature", @"&gemini_edge_signature → &a=b&gemini_edge_signature" },
        { "a parameter at the end", @"$ → &a=b" },
        { "an empty parameter", @"$ → &" },
        { "an empty parameter in front", @"\? → ?&" },
        { "a system parameter", @"$ → &$httpMethod=DELETE" },
        { "another system parameter", @"$ → &quotaUser=x" },
        { "a callback in front", @"\? → ?callback=x&" },
        { "a second upload", @"$ → &upload_id=another" },
        { "a second upload in front", @"\? → ?upload_id=another&" },
        { "a second end", @"$ → &gemini_edge_expires=9999999999" },
        { "a second end in front", @"\? → ?gemini_edge_expires=9999999999&" },
        { "a second key", @"\? → ?gemini_edge_key_id=SECONDARY&" },
        { "the signature twice", @"(&gemini_edge_signature=.+) → $1$1" },
        { "the parameters in another order", @"(upload_id=[^&]+)&(upload_protocol=resumable) → $2&$1" },
        { "a name in another case", @"upload_id= → UPLOAD_ID=" },
        { "a name that is escaped", @"upload_id= → %75pload_id=" },
        { "a value that is escaped", @"resumable → %72esumable" },
        { "another version", @"v1beta → v1" },
        { "another resource", @"files → fileSearchStores/x" },
        { "a path that is escaped", @"files → %66iles" },
        { "a longer path", @"files → files/x" },
        { "another route", @"/upload/ → /" },
        { "a model", @"/upload/v1beta/files → /v1beta/models/gemini-flash-latest:generateContent" },
    };

    [Theory]
    [InlineData(Hosting.Standalone)]
    [InlineData(Hosting.CustomHandler)]
    [InlineData(Hosting.IsolatedWorker)]
    public async Task Continue_WithoutACredential_IsLetInByTheUrlAlone(Hosting hosting)
    {
        await using var edge = await EdgeAsync(hosting: hosting);
        var url = await UrlAsync(edge);
        var chunk = new byte[256 * 1024];

        var first = await Uploading.ContinueAsync(edge, url, "upload", new ByteArrayContent(chunk), 0);
        var query = await Uploading.ContinueAsync(edge, url, "query");
        var last = await Uploading.ContinueAsync(edge, url, "upload, finalize", new StringContent("hello"), chunk.Length);

        Assert.Equal(("active", $"{chunk.Length}"), (first.Header("x-goog-upload-status"), query.Header("x-goog-upload-size-received")));
        Assert.Equal($"{chunk.Length + 5}", (await EdgeHost.JsonAsync(last))["file"]!["sizeBytes"]!.GetValue<string>());
        Assert.All(edge.Sandbox.Requests, request => Assert.Equal((edge.Primary.Value, 1), (request.Key, request.CredentialCount)));
    }

    [Fact]
    public async Task Continue_Cancelled_IsLetIn()
    {
        await using var edge = await EdgeAsync();

        var cancelled = await Uploading.ContinueAsync(edge, await UrlAsync(edge), "cancel");

        Assert.Equal((HttpStatusCode.OK, "cancelled"), (cancelled.StatusCode, cancelled.Header("x-goog-upload-status")));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Continue_UrlHasBeenChanged_Is401(string what, string change)
    {
        await using var edge = await EdgeAsync();
        var url = (await UrlAsync(edge)).PathAndQuery;
        var (from, to) = (change.Split(" → ")[0], change.Split(" → ")[1].Replace("SECONDARY", edge.Secondary.Value[^4..], StringComparison.Ordinal));
        edge.Sandbox.ClearRequests();

        var changed = Regex.Replace(url, from, to, RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.True(changed != url, what);
        await AssertRefusedAsync(edge, changed);
        Assert.Equal(200, (await SendRawAsync(edge, url)).Status);
    }

    [Fact]
    public async Task Continue_OneCharacterOfTheSignatureHasBeenChanged_Is401()
    {
        await using var edge = await EdgeAsync();
        var url = (await UrlAsync(edge)).PathAndQuery;
        edge.Sandbox.ClearRequests();

        for (var i = url.LastIndexOf('=') + 1; i < url.Length; i++)
        {
            foreach (var other in new[] { (char)(url[i] ^ 1), url[i] == 'A' ? 'B' : 'A', char.IsLower(url[i]) ? char.ToUpperInvariant(url[i]) : char.ToLowerInvariant(url[i]) })
            {
                if (other != url[i] && (char.IsAsciiLetterOrDigit(other) || other is '-' or '_'))
                {
                    await AssertRefusedAsync(edge, $"{url[..i]}{other}{url[(i + 1)..]}");
                }
            }
        }
    }

    [Fact]
    public async Task Continue_ADayLater_Is401()
    {
        await using var edge = await EdgeAsync(_time);
        var url = await UrlAsync(edge);
        Assert.EndsWith($"&gemini_edge_expires={_time.GetUtcNow().AddHours(24).ToUnixTimeSeconds()}", url.PathAndQuery[..url.PathAndQuery.LastIndexOf('&')], StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await SendRawAsync(edge, url.PathAndQuery)).Status);
        _time.Advance(TimeSpan.FromSeconds(1));

        await AssertRefusedAsync(edge, url.PathAndQuery);
        var answer = await SendRawAsync(edge, url.PathAndQuery, "x-goog-api-key: " + CallerKey);
        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("POST", "X-Goog-Upload-Command: start")]
    [InlineData("POST", "x-goog-upload-command:  START ")]
    [InlineData("POST", "X-Goog-Upload-Command: upload, start")]
    [InlineData("POST", "X-Goog-Upload-Command: start,upload,finalize")]
    [InlineData("POST", "X-Goog-Upload-Command: query", "X-Goog-Upload-Command: start")]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    public async Task Continue_IsNotTheRestOfAnUpload_Is401(string method, params string[] headers)
    {
        await using var edge = await EdgeAsync();
        var url = (await UrlAsync(edge)).PathAndQuery;
        edge.Sandbox.ClearRequests();

        var answer = await RawHttp.SendAsync(edge, method, url, [.. headers, "Content-Length: 0"]);

        Assert.Equal((401, "Bearer"), (answer.Status, answer.Header("WWW-Authenticate")));
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [InlineData("&key=wrong")]
    [InlineData("&code=wrong&%24key=wrong&access_token=wrong")]
    [InlineData("", "x-goog-api-key: wrong", "Authorization: Bearer wrong")]
    public async Task Continue_WithACredentialThatIsNone_IsLetInByTheUrl(string query, params string[] headers)
    {
        await using var edge = await EdgeAsync();
        var url = (await UrlAsync(edge)).PathAndQuery;

        Assert.Equal(200, (await SendRawAsync(edge, url + query, headers)).Status);
        Assert.Equal(200, (await SendRawAsync(edge, url.Replace("?", query.Length == 0 ? "?" : $"?{query[1..]}&", StringComparison.Ordinal), headers)).Status);
        Assert.All(edge.Sandbox.Requests, request => Assert.Equal((edge.Primary.Value, 1), (request.Key, request.CredentialCount)));
        Assert.All(edge.Sandbox.Requests, request => Assert.DoesNotContain("wrong", request.Target, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(@"&gemini_edge_signature=.+")]
    [InlineData(@"&gemini_edge_expires=.+")]
    [InlineData(@".$")]
    [InlineData(@"&gemini_edge.+")]
    public async Task Continue_WithACredential_NeedsNoSignature(string left)
    {
        await using var edge = await EdgeAsync();
        var url = Regex.Replace((await UrlAsync(edge)).PathAndQuery, left, "", RegexOptions.None, TimeSpan.FromSeconds(1));

        Assert.Equal(200, (await SendRawAsync(edge, url, "x-goog-api-key: " + CallerKey)).Status);
    }

    [Theory]
    [InlineData("PRIMARY", true)]
    [InlineData("SECONDARY", true)]
    [InlineData("SECONDARY", false)]
    public async Task Continue_TwoKeysEndInTheSameCharacters_GoesToTheOneThatSigned(string beganWith, bool withoutCredential)
    {
        string[] keys = ["AIzaSy-the-first-key-of-two-same", "AIzaSy-the-second-key-of-two-same"];
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Keys = 0,
            Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey, ["GEMINI_API_KEY_PRIMARY"] = keys[0], ["GEMINI_API_KEY_SECONDARY"] = keys[1] },
            Prepare = sandbox =>
            {
                sandbox.AddKey(keys[0], "projects/1001").State = beganWith == "PRIMARY" ? SandboxKeyState.Working : SandboxKeyState.Forbidden;
                sandbox.AddKey(keys[1], "projects/1002");
            },
        });
        var url = await UrlAsync(edge);

        var answer = await SendRawAsync(edge, url.PathAndQuery, withoutCredential ? [] : ["x-goog-api-key: " + CallerKey]);

        Assert.Equal(200, answer.Status);
        Assert.Equal(keys[beganWith == "PRIMARY" ? 0 : 1], edge.Sandbox.Requests[^1].Key);
    }

    [Fact]
    public async Task Continue_OnAnotherInstance_IsLetInIfItHasTheKey()
    {
        await using var edge = await EdgeAsync();
        var url = (await UrlAsync(edge)).PathAndQuery;
        await using var other = await InstanceAsync(edge, edge.Secondary.Value, edge.Primary.Value);
        await using var stranger = await InstanceAsync(edge, edge.Secondary.Value);

        Assert.Equal(200, (await SendRawAsync(other, url)).Status);
        Assert.Equal(edge.Primary.Value, edge.Sandbox.Requests[^1].Key);
        edge.Sandbox.ClearRequests();
        await AssertRefusedAsync(stranger, url);
        var known = await SendRawAsync(stranger, url, "x-goog-api-key: " + CallerKey);
        Assert.Equal(404, known.Status);
        Assert.Contains("upload_not_found", known.Body, StringComparison.Ordinal);
        Assert.Empty(edge.Sandbox.Requests);
    }

    // The upload goes on where the load balancer sends it, which can be an instance in its first second.
    [Fact]
    public async Task Continue_OnAnInstanceThatStillReadsItsFirstKey_WaitsForIt()
    {
        await using var edge = await EdgeAsync(_time);
        var url = await UrlAsync(edge);
        await using var cold = await VaultEdge.StartAsync(
            test => test.Vault.Set(KeySlot.Primary.Secret(), edge.Primary.Value),
            settings: new() { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey, ["GEMINI_BASE_URL"] = edge.Sandbox.BaseUrl.ToString() },
            awaitsRing: false);

        Assert.Equal(HttpStatusCode.OK, (await Uploading.ContinueAsync(cold.Edge, url, "query")).StatusCode);
    }

    [Fact]
    public async Task Continue_NoClientKeysOnTheHostAnyMore_IsStillLetIn()
    {
        await using var edge = await EdgeAsync(hosting: Hosting.CustomHandler);
        var url = (await UrlAsync(edge)).PathAndQuery;
        await using var closed = await EdgeHost.StartAsync(new EdgeSetup
        {
            Hosting = Hosting.CustomHandler,
            Keys = 0,
            Settings = { ["GEMINI_BASE_URL"] = edge.Sandbox.BaseUrl.ToString(), ["GEMINI_API_KEY_PRIMARY"] = edge.Primary.Value },
        });

        Assert.Equal(200, (await SendRawAsync(closed, url)).Status);
        Assert.Equal(401, (await SendRawAsync(closed, "/upload/v1beta/files?upload_id=u")).Status);
    }

    [Fact]
    public async Task Continue_NothingOfTheUrl_IsInALogOrGoesUp()
    {
        await using var edge = await EdgeAsync();
        var url = await UrlAsync(edge);
        await SendRawAsync(edge, url.PathAndQuery);
        await AssertRefusedAsync(edge, url.PathAndQuery + "x");
        edge.Sandbox.OnRequest = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };
        await SendRawAsync(edge, url.PathAndQuery);
        await edge.Log.WaitForAsync("gemini_fail");

        Assert.All(edge.Sandbox.Requests, request => Assert.DoesNotContain("gemini_edge", request.Target, StringComparison.Ordinal));
        foreach (var secret in new[] { "gemini_edge_", "upload_id", CredentialQuery.Value(url.Query, "upload_id")!, CredentialQuery.Value(url.Query, CredentialQuery.SignatureParameter)! })
        {
            Assert.All(edge.Log.Lines, line => Assert.DoesNotContain(secret, line, StringComparison.Ordinal));
        }
    }

    private static async Task AssertRefusedAsync(EdgeHost edge, string target)
    {
        var before = edge.Sandbox.Requests.Count;
        var answer = await SendRawAsync(edge, target);

        Assert.Equal((401, "Bearer"), (answer.Status, answer.Header("WWW-Authenticate")));
        Assert.Contains("\"unauthorized\"", answer.Body, StringComparison.Ordinal);
        Assert.Equal(before, edge.Sandbox.Requests.Count);
    }
}
