using System.Net;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A redirect to the upstream itself is followed inside the edge; any other is a failure, and no caller ever sees one.</summary>
public class RedirectTests
{
    private const string Asked = "/v1beta/files/vid1:download?alt=media";
    private const string There = "/download/v1beta/files/vid1:download?alt=media";
    private const string Google = "https://generativelanguage.googleapis.com";
    private static readonly string[] Keys = ["AIzaRedirectTestKeyNumber-0", "AIzaRedirectTestKeyNumber-1"];

    private readonly List<(string Method, string Path, string Key)> _seen = [];

    public static TheoryData<int> Statuses => [301, 302, 303, 307, 308];

    public static TheoryData<string> AddressesOfTheUpstream =>
    [
        There, Google + There, "HTTPS://GenerativeLanguage.GoogleApis.com" + There, Google + ":443" + There, There + "#part", Google + There + "#a?b",
    ];

    public static TheoryData<string> AddressesElsewhere =>
    [
        "https://elsewhere.example" + There, "http://generativelanguage.googleapis.com" + There, Google + ":444" + There, Google + ".evil.example" + There,
        "https://user@generativelanguage.googleapis.com" + There, Google + "@evil.example" + There, "https://evil.example\\@generativelanguage.googleapis.com" + There,
        "//generativelanguage.googleapis.com" + There, "//evil.example" + There, "ftp://generativelanguage.googleapis.com" + There, "mailto:a@b.example",
        "javascript:alert(1)", "https:" + There, Google, Google + "?alt=media",
    ];

    public static TheoryData<string> PathsThatMayNotBe =>
    [
        "/api/generate", "/api/admin/probe", "/", "/v2/models", "/V1BETA/files/x", "/Download/v1beta/files/x", "/download", "/v1beta", "/upload/v1beta/files", "/ws/x",
        "//download/v1beta/files/x", "/download//v1beta/files/x", "/download/../api/generate", "/download/./v1beta/files/x", "/download/v1beta/files/..",
        "/download/%2e%2e/api/generate", "/download/.%2E/api/generate", "/download/%252e%252e/api", "/download/v1beta/files%2fx", "/download/v1beta/files%5cx",
        "/download/v1beta/files/x;y", "/download\\v1beta/files/x", "/download/v1beta/a b", "/download/v1beta/a\tb", "../api/generate", "./x", "../../download/v1beta/files/x", "",
    ];

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Redirect_ToTheUpstream_IsFollowedWithTheSameKey(int status)
    {
        var (answer, line) = await GetAsync(status, There);

        Assert.Equal((200, "video", "1"), (answer.Status, answer.Body, answer.Header("x-gemini-edge-attempts")));
        Assert.Equal([("GET", Asked, Keys[0]), ("GET", There, Keys[0])], _seen);
        Assert.Equal(("gemini_ok", 1, 200), ((string?)line["event"], (int)line["hops"]!, (int)line["status"]!));
    }

    [Theory]
    [MemberData(nameof(AddressesOfTheUpstream))]
    public async Task Redirect_AddressIsTheUpstreamsInAnySpelling_IsFollowed(string location)
    {
        var (answer, _) = await GetAsync(302, location);

        Assert.Equal((200, "video"), (answer.Status, answer.Body));
        Assert.Equal(There, _seen[^1].Path);
    }

    [Theory]
    [InlineData("vid2", "/v1beta/files/vid2")]
    [InlineData("?alt=json", "/v1beta/files/vid1:download?alt=json")]
    public async Task Redirect_AddressIsRelativeToThePath_IsFollowedFromThere(string location, string path)
    {
        await GetAsync(_ => _seen.Count == 1 ? Pointing(302, location) : null);

        Assert.Equal(path, _seen[^1].Path);
    }

    [Theory]
    [MemberData(nameof(AddressesElsewhere))]
    [MemberData(nameof(PathsThatMayNotBe))]
    public async Task Redirect_ToAnywhereElse_IsAFailureWithoutAnAddress(string location)
    {
        var (answer, line) = await GetAsync(302, location);

        Assert.Equal((302, null, ""), (answer.Status, answer.Header("Location"), answer.Body));
        Assert.Single(_seen);
        Assert.Equal(("upstream_error", null), ((string?)line["verdict"], line["hops"]));
    }

    [Theory]
    [MemberData(nameof(PathsThatMayNotBe))]
    public async Task Redirect_ToAnAbsoluteAddressThatMayNotBe_IsAFailure(string path)
    {
        var (answer, _) = await GetAsync(302, Google + path);

        Assert.Equal((302, null), (answer.Status, answer.Header("Location")));
        Assert.Single(_seen);
    }

    [Fact]
    public async Task Redirect_NamesTwoAddresses_IsAFailure()
    {
        var (answer, _) = await GetAsync(call =>
        {
            var response = Pointing(302, There);
            response.Headers.TryAddWithoutValidation("Location", There);
            return call.Path == Asked ? response : null;
        });

        Assert.Equal((302, null), (answer.Status, answer.Header("Location")));
        Assert.Single(_seen);
    }

    [Theory]
    [InlineData("?alt=media&key=AIzaOther&access_token=t&%24key=k&$userProject=p&quotaUser=q", "?alt=media")]
    [InlineData("?gemini_edge_key_id=r-0&callback=c", "")]
    [InlineData("", "")]
    public async Task Redirect_QueryHoldsCredentials_LosesThem(string query, string kept)
    {
        await GetAsync(_ => _seen.Count == 1 ? Pointing(302, "/download/v1beta/files/vid1:download" + query) : null);

        Assert.Equal("/download/v1beta/files/vid1:download" + kept, _seen[^1].Path);
    }

    [Fact]
    public async Task Redirect_ThreeInARow_AreFollowed()
    {
        var (answer, line) = await GetAsync(_ => _seen.Count <= 3 ? Pointing(302, $"/download/v1beta/files/hop{_seen.Count}") : null);

        Assert.Equal((200, "video", 3), (answer.Status, answer.Body, (int)line["hops"]!));
        Assert.Equal([Asked, "/download/v1beta/files/hop1", "/download/v1beta/files/hop2", "/download/v1beta/files/hop3"], _seen.Select(seen => seen.Path));
    }

    [Theory]
    [InlineData("/download/v1beta/files/hop", true)]
    [InlineData(Asked, false)]
    public async Task Redirect_FourInARowOrInACircle_IsAFailure(string location, bool numbered)
    {
        var (answer, line) = await GetAsync(_ => Pointing(302, numbered ? $"{location}{_seen.Count}" : location));

        Assert.Equal((302, null), (answer.Status, answer.Header("Location")));
        Assert.Equal((4, 3, "upstream_error"), (_seen.Count, (int)line["hops"]!, (string?)line["verdict"]));
    }

    [Fact]
    public async Task Redirect_OfAHead_IsFollowedAsAHead()
    {
        var (answer, _) = await SendAsync("HEAD", Asked, null, call => call.Path == Asked ? Pointing(302, There) : null);

        Assert.Equal(200, answer.Status);
        Assert.Equal(["HEAD", "HEAD"], _seen.Select(seen => seen.Method));
    }

    [Theory]
    [InlineData("POST", "/v1beta/interactions")]
    [InlineData("POST", "/v1beta/files/x:download")]
    [InlineData("POST", "/upload/v1beta/files")]
    [InlineData("PUT", "/upload/v1beta/files?upload_id=u")]
    [InlineData("PUT", "/v1beta/tunedModels/t")]
    [InlineData("PATCH", "/v1beta/cachedContents/c")]
    [InlineData("DELETE", "/v1beta/files/f")]
    [InlineData("GET", "/upload/v1beta/files?upload_id=u")]
    public async Task Redirect_OfWhatMayHaveDoneSomething_IsNotFollowed(string verb, string target)
    {
        var (answer, _) = await SendAsync(verb, target, verb is "GET" or "DELETE" ? null : "{}", _ => Pointing(307, There));

        Assert.Equal((307, null), (answer.Status, answer.Header("Location")));
        Assert.Single(_seen);
    }

    [Theory]
    [InlineData("POST", "/v1beta/models/a:predict")]
    [InlineData("POST", "/v1beta/models/a:generateContent")]
    public async Task Redirect_By308OfAPost_IsNoAnswer(string verb, string target)
    {
        var (answer, line) = await SendAsync(verb, target, "{}", call => call.Key == Keys[0] ? Pointing(308, There) : UpstreamAnswers.Of(Verdict.Ok));

        Assert.Equal("upstream_error", (string?)line["verdict"]);
        Assert.Null(answer.Header("Location"));
    }

    [Fact]
    public async Task Redirect_OfAListElsewhere_IsTriedWithEveryKey()
    {
        var (answer, _) = await SendAsync("GET", "/v1beta/models", null, _ => Pointing(302, "https://elsewhere.example/"));

        Assert.Equal(502, answer.Status);
        Assert.Equal(Keys, _seen.Select(seen => seen.Key));
    }

    [Fact]
    public async Task Redirect_KeyIsRefusedWhereItLeads_NextKeyBeginsAgain()
    {
        var (answer, line) = await GetAsync(call => call.Path == Asked ? Pointing(302, There) : call.Key == Keys[0] ? UpstreamAnswers.Of(Verdict.KeyInvalid) : null);

        Assert.Equal((200, "video", "2"), (answer.Status, answer.Body, answer.Header("x-gemini-edge-attempts")));
        Assert.Equal([(Asked, Keys[0]), (There, Keys[0]), (Asked, Keys[1]), (There, Keys[1])], _seen.Select(seen => (seen.Path, seen.Key)));
        Assert.Equal(("key_invalid", 1), ((string?)line["verdict"], (int)line["hops"]!));
    }

    [Fact]
    public async Task Redirect_NoConnectionWhereItLeads_NextKeyBeginsAgain()
    {
        var (answer, line) = await GetAsync(call => call.Path == Asked ? Pointing(302, There)
            : call.Key == Keys[0] ? throw new HttpRequestException(HttpRequestError.ConnectionError) : null);

        Assert.Equal((200, "2"), (answer.Status, answer.Header("x-gemini-edge-attempts")));
        Assert.Equal("network", (string?)line["verdict"]);
    }

    [Theory]
    [InlineData("/v1beta/openai/models", "/v1beta/openai/models/a", true)]
    [InlineData("/v1beta/openai/models", "/v1beta/models", false)]
    [InlineData("/v1beta/models", "/v1beta/openai/models", true)]
    public async Task Redirect_BetweenTheDialects_HasTheOneCredentialOfWhereItLeads(string asked, string there, bool bearer)
    {
        HttpRequestMessage? last = null;
        await SendAsync("GET", asked, null, call =>
        {
            last = call.Request;
            return call.Path == asked ? Pointing(302, there) : null;
        });

        Assert.Equal((bearer, !bearer), (last!.Headers.Contains("Authorization"), last.Headers.Contains("x-goog-api-key")));
    }

    [Theory]
    [InlineData("https://gateway.example/gemini" + There, There)]
    [InlineData("/gemini" + There, There)]
    [InlineData(There, null)]
    [InlineData("/geminix" + There, null)]
    public async Task Redirect_UpstreamHasAPathOfItsOwn_StaysBelowIt(string location, string? path)
    {
        await SendAsync("GET", Asked, null, _ => _seen.Count == 1 ? Pointing(302, location) : null, new() { ["GEMINI_BASE_URL"] = "https://gateway.example/gemini/" });

        Assert.Equal(path is null ? ["/gemini" + Asked] : ["/gemini" + Asked, "/gemini" + path], _seen.Select(seen => seen.Path));
    }

    // Whatever a file holds, it is no answer of the upstream's about the key.
    [Theory]
    [InlineData("application/json", """[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"a file's own words"}},{"error":{"code":401}}]""")]
    [InlineData("application/json", """{"error":{"code":401,"message":"a file's own words"}}""")]
    [InlineData("text/event-stream", "data: {\"error\":{\"code\":401,\"message\":\"a file's own words\"}}\n\n")]
    [InlineData("application/json", """{"name":"files/of-another-key"}""")]
    public async Task Download_FileLooksLikeAnError_IsAFile(string contentType, string bytes)
    {
        foreach (var target in new[] { Asked, There, "/v1beta/files/vid1?alt=media", "/v1beta/openai/files/f/content" })
        {
            var (answer, line) = await SendAsync("GET", target, null, _ => new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(bytes, System.Net.Http.Headers.MediaTypeHeaderValue.Parse(contentType)),
            });

            Assert.Equal((200, bytes, "gemini_ok"), (answer.Status, answer.Body, (string?)line["event"]));
        }
    }

    /// <summary>Asks for the file of an upstream that redirects so.</summary>
    private Task<(EdgeAnswer Answer, JsonNode FirstLine)> GetAsync(int status, string location) =>
        GetAsync(call => call.Path == Asked ? Pointing(status, location) : null);

    private Task<(EdgeAnswer Answer, JsonNode FirstLine)> GetAsync(Func<UpstreamCall, HttpResponseMessage?> answer) => SendAsync("GET", Asked, null, answer);

    /// <summary>Sends it to an upstream that answers so; where it has no answer, with the file.</summary>
    private async Task<(EdgeAnswer Answer, JsonNode FirstLine)> SendAsync(
        string verb, string target, string? body, Func<UpstreamCall, HttpResponseMessage?> answer, Dictionary<string, string?>? settings = null)
    {
        _seen.Clear();
        using var upstream = new FakeUpstream(call =>
        {
            _seen.Add((call.Request.Method.Method, call.Path, call.Key));
            return answer(call) ?? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("video") };
        });
        using var edge = new InProcessEdge(Keys, upstream, new FakeTimeProvider(), new Dictionary<string, string?>(settings ?? []) { ["GeminiEdge:Patience"] = "00:00:00" });
        var answered = await edge.SendAsync(target, body, verb);
        return (answered, edge.Log.Select(line => JsonNode.Parse(line)!).First(line => ((string)line["event"]!).StartsWith("gemini_", StringComparison.Ordinal)));
    }

    private static HttpResponseMessage Pointing(int status, string location)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent([]) };
        response.Headers.TryAddWithoutValidation("Location", location);
        return response;
    }
}
