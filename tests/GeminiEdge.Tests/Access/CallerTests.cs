using GeminiEdge.Configuration;
namespace GeminiEdge.Tests.Access;

public class CallerTests
{
    [Theory]
    [InlineData(Hosting.Standalone, Caller.Api, false)]
    [InlineData(Hosting.Standalone, Caller.Native, false)]
    [InlineData(Hosting.Standalone, Caller.OpenAi, false)]
    [InlineData(Hosting.Standalone, Caller.Health, true)]
    [InlineData(Hosting.Standalone, Caller.Root, true)]
    [InlineData(Hosting.CustomHandler, Caller.Api, true)]
    [InlineData(Hosting.CustomHandler, Caller.Refresh, true)]
    [InlineData(Hosting.CustomHandler, Caller.Native, false)]
    [InlineData(Hosting.CustomHandler, Caller.OpenAi, false)]
    [InlineData(Hosting.CustomHandler, Caller.Health, true)]
    [InlineData(Hosting.CustomHandler, Caller.Root, true)]
    [InlineData(Hosting.IsolatedWorker, Caller.Api, true)]
    [InlineData(Hosting.IsolatedWorker, Caller.Refresh, true)]
    [InlineData(Hosting.IsolatedWorker, Caller.Native, false)]
    [InlineData(Hosting.IsolatedWorker, Caller.Health, true)]
    public async Task ClientKeysConfigured_LocalCallerPresentsNone_NeedsOneUnlessTheHostHasAsked(Hosting hosting, string route, bool getsIn)
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key, hosting: hosting);

        Assert.Equal(getsIn, Caller.GotIn(await Caller.CallAsync(edge, route)));
    }

    [Theory]
    [InlineData(Hosting.Development, Caller.Api, true)]
    [InlineData(Hosting.Development, Caller.Native, true)]
    [InlineData(Hosting.Development, Caller.Refresh, true)]
    [InlineData(Hosting.Standalone, Caller.Api, false)]
    [InlineData(Hosting.Standalone, Caller.Native, false)]
    [InlineData(Hosting.Standalone, Caller.OpenAi, false)]
    [InlineData(Hosting.Standalone, Caller.Refresh, false)]
    [InlineData(Hosting.Standalone, Caller.Health, true)]
    [InlineData(Hosting.Standalone, Caller.Root, true)]
    [InlineData(Hosting.CustomHandler, Caller.Api, true)]
    [InlineData(Hosting.CustomHandler, Caller.Refresh, true)]
    [InlineData(Hosting.CustomHandler, Caller.Native, false)]
    [InlineData(Hosting.CustomHandler, Caller.OpenAi, false)]
    [InlineData(Hosting.IsolatedWorker, Caller.Api, true)]
    [InlineData(Hosting.IsolatedWorker, Caller.Native, false)]
    public async Task NoClientKeys_LocalCaller_GetsInDuringDevelopmentAlone(Hosting hosting, string route, bool getsIn)
    {
        await using var edge = await Caller.EdgeAsync(hosting: hosting);

        Assert.Equal(getsIn, Caller.GotIn(await Caller.CallAsync(edge, route)));
    }

    [Fact]
    public async Task NoClientKeys_NativeRouteOnTheHost_SaysWhichSettingOpensIt()
    {
        await using var edge = await Caller.EdgeAsync(hosting: Hosting.CustomHandler);

        var answer = await Caller.CallAsync(edge, Caller.Native, "?key=whatever", "x-functions-key: whatever");

        Assert.Equal(401, answer.Status);
        Assert.Contains("GEMINI_EDGE_CLIENT_KEYS", answer.Body, StringComparison.Ordinal);
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [InlineData("", "x-goog-api-key: " + Caller.Key)]
    [InlineData("", "X-GOOG-API-KEY:" + Caller.Key)]
    [InlineData("", "Authorization: Bearer " + Caller.Key)]
    [InlineData("", "authorization: bearer   " + Caller.Key)]
    [InlineData("", "x-functions-key: " + Caller.Key)]
    [InlineData("?key=" + Caller.Key)]
    [InlineData("?code=" + Caller.Key)]
    [InlineData("?a=b&KEY=" + Caller.Key + "&c=d")]
    [InlineData("?%6bey=caller%2Dkey-0123456789")]
    [InlineData("", "x-goog-api-key: " + Caller.SecondKey)]
    [InlineData("", "x-goog-api-key: wrong", "Authorization: Bearer " + Caller.Key)]
    [InlineData("?key=wrong&key=" + Caller.SecondKey, "x-goog-api-key: wrong")]
    [InlineData("", "x-goog-api-key: wrong", "x-goog-api-key: " + Caller.Key)]
    public async Task ClientKeysConfigured_OneIsPresentedAnywhere_GetsIn(string query, params string[] headers)
    {
        await using var edge = await Caller.EdgeAsync($" {Caller.Key} ,, {Caller.SecondKey}");

        var answers = new[] { await Caller.CallAsync(edge, Caller.Api, query, headers), await Caller.CallAsync(edge, Caller.Native, query, headers) };

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.All(edge.Sandbox.Requests, request => Assert.Equal((edge.Primary.Value, 1), (request.Key, request.CredentialCount)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("", "x-goog-api-key: ")]
    [InlineData("", "x-goog-api-key: wrong")]
    [InlineData("", "x-goog-api-key: caller-key-012345678")]
    [InlineData("", "x-goog-api-key: caller-key-01234567890")]
    [InlineData("", "x-goog-api-key: CALLER-KEY-0123456789")]
    [InlineData("", "x-goog-api-key: " + Caller.Key + "," + Caller.SecondKey)]
    [InlineData("", "Authorization: " + Caller.Key)]
    [InlineData("", "Authorization: Basic " + Caller.Key)]
    [InlineData("", "Authorization: Bearer")]
    [InlineData("", "Authorization: Bearer ")]
    [InlineData("", "Cookie: key=" + Caller.Key)]
    [InlineData("", "X-Api-Key: " + Caller.Key)]
    [InlineData("?key=")]
    [InlineData("?key")]
    [InlineData("?code=")]
    [InlineData("?access_token=" + Caller.Key)]
    [InlineData("?key=" + Caller.Key + "%00")]
    [InlineData("?key=" + Caller.Key + "%20")]
    [InlineData("?key=%00")]
    [InlineData("", "x-goog-api-key: caller?key")]
    public async Task ClientKeysConfigured_NoneIsPresented_Is401(string query, params string[] headers)
    {
        await using var edge = await Caller.EdgeAsync($"{Caller.Key},{Caller.SecondKey}");

        foreach (var route in new[] { Caller.Api, Caller.Native, Caller.OpenAi })
        {
            Assert.False(Caller.GotIn(await Caller.CallAsync(edge, route, query, headers)), route);
        }

        Assert.Empty(edge.Sandbox.Requests);
    }

    [Fact]
    public async Task ClientKeysConfigured_LetterBeyondAsciiForAQuestionMark_Is401()
    {
        await using var edge = await Caller.EdgeAsync("caller-key-with-?");

        Assert.True(Caller.GotIn(await Caller.CallAsync(edge, Caller.Api, "?key=caller-key-with-?")));
        Assert.False(Caller.GotIn(await Caller.CallAsync(edge, Caller.Api, "?key=caller-key-with-%C3%A9")));
    }

    [Theory]
    [InlineData("x-goog-api-key: " + Caller.AdminKey, true)]
    [InlineData("Authorization: Bearer " + Caller.AdminKey, true)]
    [InlineData("x-goog-api-key: " + Caller.Key, false)]
    [InlineData("x-unrelated: 1", false)]
    public async Task AdminRoutes_AdminKeysConfigured_TakeThoseOnly(string header, bool getsIn)
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key, Caller.AdminKey);

        Assert.Equal(getsIn, Caller.GotIn(await Caller.CallAsync(edge, Caller.Refresh, "", header)));
    }

    [Theory]
    [InlineData(Hosting.Standalone, "Nobody gets in: the setting GEMINI_EDGE_ADMIN_KEYS holds no key")]
    [InlineData(Hosting.Development, null)]
    public async Task AdminRoutes_ClientKeysAlone_AreClosedButToADeveloper(Hosting hosting, string? why)
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key, hosting: hosting);

        foreach (var route in new[] { Caller.Refresh, Caller.Probe })
        {
            var answer = await Caller.CallAsync(edge, route, "", "x-goog-api-key: " + Caller.Key);

            Assert.Equal(why is null, Caller.GotIn(answer));
            Assert.Contains(why ?? "\"keys\"", answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task NoClientKeys_NoDevelopment_IsSaidAtTheStart()
    {
        await using var edge = await Caller.EdgeAsync(hosting: Hosting.Standalone);

        Assert.Contains("GEMINI_EDGE_CLIENT_KEYS", (await edge.Log.WaitForAsync("configuration_warning"))["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdminKey_OnOtherRoutes_IsNoClientKey()
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key, Caller.AdminKey);

        Assert.False(Caller.GotIn(await Caller.CallAsync(edge, Caller.Api, "", "x-goog-api-key: " + Caller.AdminKey)));
        Assert.False(Caller.GotIn(await Caller.CallAsync(edge, Caller.Native, "?key=" + Caller.AdminKey)));
    }
}
