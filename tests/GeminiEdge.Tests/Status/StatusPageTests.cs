using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using GeminiEdge.Configuration;
using GeminiEdge.Tests.Access;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Status;

public partial class StatusPageTests
{
    private static readonly string[] Data = ["GET /api/admin/status", "HEAD /api/admin/status"];

    [Fact]
    public async Task Page_HoldsNothingThatItsPolicyDoesNotName()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var response = await edge.GetAsync("/api/status");
        var page = await response.Content.ReadAsStringAsync();
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));

        Assert.Equal((200, "text/html; charset=utf-8"), ((int)response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        Assert.Equal([Hash(page, "style"), Hash(page, "script")], Hashes().Matches(policy).Select(match => match.Groups[1].Value));
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(page, "<script"));
        Assert.Single(Regex.Matches(page, "<style"));
        Assert.DoesNotMatch("<[^>]+ (style|on[a-z]+)=", page.Split("<script>")[0]);
        Assert.DoesNotContain("innerHTML", page, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        Assert.Equal(["http://www.w3.org/2000/svg"], Regex.Matches(page, "https?://[^'\"]+").Select(match => match.Value));
    }

    [Fact]
    public async Task Page_IsSmallAndKeptByNobody()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var response = await edge.GetAsync("/api/status");
        using var head = await edge.SendAsync("HEAD", "/api/status");

        Assert.InRange((await response.Content.ReadAsByteArrayAsync()).Length, 1000, 100_000);
        Assert.Equal(("nosniff", "no-referrer", "no-store"), (
            Assert.Single(response.Headers.GetValues("X-Content-Type-Options")), Assert.Single(response.Headers.GetValues("Referrer-Policy")), response.Headers.CacheControl!.ToString()));
        Assert.Equal(response.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData(Hosting.Standalone)]
    [InlineData(Hosting.Development)]
    [InlineData(Hosting.CustomHandler)]
    [InlineData(Hosting.IsolatedWorker)]
    public async Task Page_IsOpenToAnyone_AndNothingElseIsThere(Hosting hosting)
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key, Caller.AdminKey, hosting);

        Assert.Equal(200, (await Caller.CallAsync(edge, "GET /api/status")).Status);
        foreach (var target in new[] { "/api/status/", "/api/status/x", "/api/status/events", "/api/status.js", "/api/Status" })
        {
            Assert.True((await Caller.CallAsync(edge, $"GET {target}", "", $"x-goog-api-key: {Caller.AdminKey}")).Status is 401 or 404, target);
        }

        Assert.Equal(404, (await Caller.CallAsync(edge, "GET /api/status/x", "", $"x-goog-api-key: {Caller.Key}")).Status);
    }

    [Theory]
    [InlineData(Hosting.Standalone)]
    [InlineData(Hosting.Development)]
    public async Task Data_IsForAdminKeysAlone(Hosting hosting)
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key, Caller.AdminKey, hosting);

        foreach (var route in Data.Append("GET /api/admin/status/events"))
        {
            Assert.Equal(401, (await Caller.CallAsync(edge, route)).Status);
            Assert.Equal(401, (await Caller.CallAsync(edge, route, "", $"x-goog-api-key: {Caller.Key}")).Status);
        }

        foreach (var route in Data)
        {
            Assert.Equal(200, (await Caller.CallAsync(edge, route, "", $"x-goog-api-key: {Caller.AdminKey}", $"x-functions-key: {Caller.AdminKey}")).Status);
        }

        using var page = await StatusStream.OpenAsync(edge.Client, Caller.AdminKey);
        await page.NextAsync("status");
    }

    [Fact]
    public async Task Data_NoAdminKeyIsSet_IsForNobodyOutsideDevelopment()
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key, hosting: Hosting.Standalone);

        Assert.Equal(401, (await Caller.CallAsync(edge, "GET /api/admin/status", "", $"x-goog-api-key: {Caller.Key}")).Status);
    }

    [Fact]
    public async Task Page_WithWrongSettings_IsThere_AndTheDataSaysWhatIsWrong()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GeminiEdge:Deadline"] = "nonsense" } });

        using var page = await edge.GetAsync("/api/status");

        Assert.Equal(200, (int)page.StatusCode);
        await EdgeErrors.AssertProblemAsync(await edge.GetAsync("/api/admin/status"), 503, "invalid_configuration");
    }

    private static string Hash(string page, string tag)
    {
        var text = Regex.Match(page, $"<{tag}>(.*?)</{tag}>", RegexOptions.Singleline).Groups[1].Value;
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    [GeneratedRegex("'sha256-([^']+)'")]
    private static partial Regex Hashes();
}
