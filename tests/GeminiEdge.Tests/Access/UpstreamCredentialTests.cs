using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Access;

public class UpstreamCredentialTests
{
    private static readonly string[] EveryCredential =
    [
        "x-goog-api-key: " + Caller.Key, "x-goog-api-key: other", "Authorization: Bearer " + Caller.Key, "x-functions-key: " + Caller.Key,
        "Cookie: key=" + Caller.Key, "Proxy-Authorization: Basic eDp5", "x-goog-user-project: mine", "x-goog-iam-authorization-token: t",
    ];

    private const string EveryParameter = "?key=other&%24key=a&$key=b&code=c&access_token=d&$access_token=e&oauth_token=f&bearer_token=g&KEY=h&k%65y=i&+key=j&key";

    [Theory]
    [InlineData("GET /v1beta/models", false)]
    [InlineData("GET /v1/models", false)]
    [InlineData("GET /v1alpha/models", false)]
    [InlineData("GET /v1beta/files", false)]
    [InlineData("GET /v1beta/openai/models", true)]
    public async Task Native_CallerPresentsEveryCredentialThereIs_UpstreamSeesItsOwnAlone(string route, bool openAi)
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key);

        await Caller.CallAsync(edge, route, EveryParameter, EveryCredential);

        AssertOneCredential(Assert.Single(edge.Sandbox.Requests), edge.Primary.Value, openAi);
        Assert.Equal(route.Split(' ')[1], edge.Sandbox.Requests[0].Target);
    }

    [Fact]
    public async Task Native_KeysFailOver_EachAttemptHasOneCredential()
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key);
        edge.Primary.State = SandboxKeyState.Invalid;

        var answer = await Caller.CallAsync(edge, Caller.Native, EveryParameter, EveryCredential);

        Assert.Equal(200, answer.Status);
        Assert.Equal(2, edge.Sandbox.Requests.Count);
        AssertOneCredential(edge.Sandbox.Requests[0], edge.Primary.Value, openAi: false);
        AssertOneCredential(edge.Sandbox.Requests[1], edge.Secondary.Value, openAi: false);
    }

    [Fact]
    public async Task Generate_CallerPresentsEveryCredentialThereIs_UpstreamSeesItsOwnAlone()
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key);

        var answer = await Caller.CallAsync(edge, Caller.Api, EveryParameter, EveryCredential);

        Assert.Equal(200, answer.Status);
        AssertOneCredential(Assert.Single(edge.Sandbox.Requests), edge.Primary.Value, openAi: false);
        Assert.Equal("/v1beta/models/gemini-flash-latest:generateContent", edge.Sandbox.Requests[0].Target);
    }

    [Theory]
    [InlineData("?key=k&alt=sse", "?alt=sse")]
    [InlineData("?alt=sse&key=k", "?alt=sse")]
    [InlineData("?%24alt=sse&code=c&x", "?%24alt=sse&x")]
    [InlineData("?b=2&a=1&b=1&key=k&a=%31&a=+&a=%20", "?b=2&a=1&b=1&a=%31&a=+&a=%20")]
    [InlineData("?a=%c3%a9&b=%C3%A9&access_token=t&c=%zz", "?a=%c3%a9&b=%C3%A9&c=%zz")]
    [InlineData("?&&key=k&=&", "?&&=&")]
    [InlineData("?keys=1&mykey=2&key2=3&codes=4&access_tokens=5&$keys=6", "?keys=1&mykey=2&key2=3&codes=4&access_tokens=5&$keys=6")]
    [InlineData("?a=key=k&b=?key=k", "?a=key=k&b=?key=k")]
    [InlineData("?key=a%26b=c&d=e", "?d=e")]
    [InlineData("?pageToken=x;key=y", "?pageToken=x;key=y")]
    [InlineData("?gemini_edge_key_id=abcd&a=b", "?a=b")]
    [InlineData("?gemini_edge_expires=1&gemini_edge_signature=s&GEMINI_EDGE_SIGNATURE=t&a=b", "?a=b")]
    [InlineData("?callback=f&a=1&$callback=g&%24Callback=h", "?a=1")]
    [InlineData("?$httpMethod=DELETE&a=1&%24http%4Dethod=PATCH&$http_method=PUT&httpmethod=POST", "?a=1")]
    [InlineData("?$httpHeaders=Authorization:%20Bearer%20x&a=1&%24HTTPHEADERS=y&$http_headers=z", "?a=1")]
    [InlineData("?$userProject=p&a=1&userProject=q&user_project=r&%24user_project=s&+$userProject=t", "?a=1")]
    [InlineData("?$+userProject=p&a=1&$%20key=q&%24+$callback=r", "?a=1")]
    [InlineData("?quotaUser=u&a=1&$quotaUser=v&quota_user=w&QUOTAUSER=x", "?a=1")]
    [InlineData("?oauth_token=o&a=1&$oauth_token=p&oauthToken=q&bearer_token=b&$bearerToken=c&accessToken=d&$code=e", "?a=1")]
    [InlineData("?callbacks=1&my_callback=2&userProjects=3&http_methods=4&quotaUserX=5&key_id=6", "?callbacks=1&my_callback=2&userProjects=3&http_methods=4&quotaUserX=5&key_id=6")]
    [InlineData("?alt=sse&$alt=json&prettyPrint=false&$prettyPrint=true&fields=a&$fields=b&$.xgafv=2", "?alt=sse&$alt=json&prettyPrint=false&$prettyPrint=true&fields=a&$fields=b&$.xgafv=2")]
    [InlineData("?key=k", "")]
    [InlineData("?", "?")]
    [InlineData("", "")]
    public async Task Native_QueryHoldsCredentials_LosesThemAndNothingElse(string query, string expected)
    {
        await using var edge = await EdgeHost.StartAsync();

        await RawHttp.SendAsync(edge, "GET", "/v1beta/models" + query);

        Assert.Equal("/v1beta/models" + expected, Assert.Single(edge.Sandbox.Requests).Target);
    }

    private static void AssertOneCredential(ReceivedRequest request, string key, bool openAi)
    {
        Assert.Equal((key, 1), (request.Key, request.CredentialCount));
        Assert.Equal(openAi ? ["Bearer " + key] : [], request.Headers.GetValueOrDefault("Authorization"));
        Assert.Equal(openAi ? [] : [key], request.Headers.GetValueOrDefault("x-goog-api-key"));
        Assert.DoesNotContain(request.Headers, header => header.Value.ToString().Contains(Caller.Key, StringComparison.Ordinal));
    }
}
