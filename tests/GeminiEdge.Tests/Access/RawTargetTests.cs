using GeminiEdge.Access;
using GeminiEdge.Configuration;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Access;

public class RawTargetTests
{
    private static readonly string[] Refused =
    [
        "/api", "/API/generate", "/Api/generate", "/%61pi/generate", "/api%2fgenerate", "/api%2Fgenerate", "/api%252fgenerate",
        "//api/generate", "/api//generate", "/api/generate//", "//", "///", "/./api/generate", "/../api/generate", "/api/../api/generate",
        "/api/./generate", "/api/generate/..", "/api/.", @"/api\generate", @"/api/..\generate", @"/\api/generate", "/api/%5cgenerate",
        "/api/%5Cgenerate", "/api/%255cgenerate", "/api;x/generate", "/api/generate;x", ";/api/generate", "/api/%2e%2e/generate",
        "/api/%2E%2e/generate", "/api/.%2e/generate", "/api/%2e/generate", "/api/%252e%252e/generate", "/api/%252E./generate",
        "/api/admin%2fx", "/api/admin%2frefresh", "/api/admin%5crefresh", "/api/status%2f", "/api/health%2f..",
        "/v1beta/%2e%2e/api/generate", "/v1beta/..%2fapi/generate", "/v1beta/..%252fapi/generate", "/v1beta/%2e%2e%2fapi/generate",
        "/v1beta/../api/admin/refresh", "/v1beta/models/..%5c..%5cgenerate", "/v1beta/models/x%2fy:generateContent", "/v1beta//models",
        "/v1beta", "/v1", "/v1alpha", "/upload", "/V1BETA/models", "/v1Beta/models", "/v2/models", "/v1beta1/models", "/uploads/v1beta/files",
        "/upload/../v1beta/models", "/download", "/Download/v1beta/files/x", "/downloads/v1beta/files/x", "/download/../api/generate",
        "/download/%2e%2e/api/generate", "/download//v1beta/files/x", "/download/v1beta/files%2fx:download", "/admin/host/status", "/runtime/webhooks/x", "/favicon.ico", "/robots.txt", "/index.html", "/%2f", "/.",
        "/..", "/%2e%2e", "http://HOST/api/generate", "http://HOST/v1beta/models", "http://HOST//api/generate", "https://evil.example/v1beta/models", "*",
    ];

    public static TheoryData<string> RefusedTargets => [.. Refused];

    [Theory]
    [MemberData(nameof(RefusedTargets))]
    public void Judge_TargetCouldBeReadOtherwise_BelongsToNoArea(string target) => Assert.Equal(Area.None, RawTarget.Judge(RawTarget.Split(target).Path));

    [Theory]
    [InlineData("/", "Root")]
    [InlineData("/?x=//../%2e%2e", "Root")]
    [InlineData("/api/health", "Health")]
    [InlineData("/api/health?x=..%2f;", "Health")]
    [InlineData("/api/health/", "Api")]
    [InlineData("/api/generate", "Api")]
    [InlineData("/api/%67enerate", "Api")]
    [InlineData("/api/adminx", "Api")]
    [InlineData("/api/admin/refresh", "Admin")]
    [InlineData("/api/status", "Status")]
    [InlineData("/api/status?x=1", "Status")]
    [InlineData("/api/status/", "None")]
    [InlineData("/api/status/x", "None")]
    [InlineData("/v1/models", "Native")]
    [InlineData("/v1beta/models/x%20y:generateContent", "Native")]
    [InlineData("/v1beta/models/x%2520y", "Native")]
    [InlineData("/v1beta/files/a...b", "Native")]
    [InlineData("/v1beta/files/...", "Native")]
    [InlineData("/v1alpha/models", "Native")]
    [InlineData("/upload/v1beta/files", "Native")]
    [InlineData("/download/v1beta/files/x:download?alt=media", "Native")]
    [InlineData("/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent", "Live")]
    public void Judge_TargetIsPlain_BelongsToItsArea(string target, string area) => Assert.Equal(area, RawTarget.Judge(RawTarget.Split(target).Path).ToString());

    [Theory]
    [InlineData("/v1/models", "/v1/models", "")]
    [InlineData("/v1/models?", "/v1/models", "?")]
    [InlineData("/v1/models?a=?b", "/v1/models", "?a=?b")]
    [InlineData("?a=b", "", "?a=b")]
    [InlineData("", "", "")]
    public void Split_TheFirstQuestionMark_BeginsTheQuery(string target, string path, string query) => Assert.Equal((path, query), RawTarget.Split(target));

    [Theory]
    [InlineData(Hosting.Standalone)]
    [InlineData(Hosting.CustomHandler)]
    public async Task Request_TargetCouldBeReadOtherwise_Is404BeforeAnythingElse(Hosting hosting)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Hosting = hosting, Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = "caller-key-0123456789" } });

        foreach (var target in Refused)
        {
            var answer = await RawHttp.SendAsync(edge, target == "*" ? "OPTIONS" : "GET", target.Replace("HOST", edge.Url.Authority, StringComparison.Ordinal));

            // What isn't HTTP at all, or for another host, the server refuses itself.
            var isHttp = target[0] is not (';' or 'h') || target.Contains("HOST", StringComparison.Ordinal);
            Assert.True(answer.Status == (isHttp ? 404 : 400), $"{target} → {answer.Head}");
            Assert.True(!isHttp || answer.Body.Contains("\"not_found\"", StringComparison.Ordinal), $"{target} → {answer.Body}");
        }

        Assert.Empty(edge.Sandbox.Requests);
        Assert.Empty(edge.Log.Attempts);
    }

    [Theory]
    [InlineData("/v1beta/models/x%20y:generateContent")]
    [InlineData("/v1beta/models/%E2%82%AC%41%7e")]
    [InlineData("/v1beta/models/%ff%zz%")]
    [InlineData("/v1beta/files/a~b!$&'()*+,=:@")]
    [InlineData("/v1beta/models/a\"<>^`{|}b")]
    [InlineData("/v1beta/models/#x?y=#z")]
    [InlineData("/v1beta/models?x=//a/../b;c\\d&e=%2e%2e%2f%252f&f=http://x/&g=?&h")]
    [InlineData("/v1beta/models?")]
    [InlineData("/v1beta/models?&&=&a=1&a=2&%24alt=sse&b=%20+%2B")]
    public async Task Request_TargetIsPlain_ArrivesByteForByte(string target)
    {
        await using var edge = await EdgeHost.StartAsync();

        await RawHttp.SendAsync(edge, "GET", target);

        Assert.Equal(target, Assert.Single(edge.Sandbox.Requests).Target);
    }

    // A lenient upstream could take what follows a bare CR for a header of its own.
    [Theory]
    [InlineData('\r')]
    [InlineData('\t')]
    [InlineData('\u0001')]
    [InlineData('\u007f')]
    [InlineData('\u00e9')]
    public async Task Request_TargetHoldsACharacterThatNoTargetHas_NeverReachesTheUpstream(char character)
    {
        await using var edge = await EdgeHost.StartAsync();

        var answers = new[]
        {
            await RawHttp.SendAsync(edge, "GET", $"/v1beta/models/a{character}b"),
            await RawHttp.SendAsync(edge, "GET", $"/v1beta/models?a={character}b"),
        };

        Assert.All(answers, answer => Assert.True(answer.Status is 400 or 404, answer.Head));
        Assert.Empty(edge.Sandbox.Requests);
    }
}
