using System.Net;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Keys;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

public class ResourceTests
{
    private const string Path = "/v1beta/models/gemini-flash-latest:generateContent";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Generate_NamesAFile_BeginsWithTheKeyThatMadeIt(bool whole)
    {
        await using var edge = await EdgeHost.StartAsync();
        var file = await UploadWithSecondaryAsync(edge, whole);

        var response = await edge.PostAsync(Path, About(file));

        Assert.Equal((HttpStatusCode.OK, "1"), (response.StatusCode, response.Header("x-gemini-edge-attempts")));
        Assert.Equal(edge.Secondary.Value[^4..], response.Header("x-gemini-edge-key-id"));
        var read = await edge.Client.GetAsync("/v1beta/" + Name(file), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "1"), (read.StatusCode, read.Header("x-gemini-edge-attempts")));
    }

    [Fact]
    public async Task Generate_NamesACacheMadeOfAFile_BeginsWithTheKeyThatMadeIt()
    {
        await using var edge = await EdgeHost.StartAsync();
        var file = await UploadWithSecondaryAsync(edge, whole: true);
        var cache = await EdgeHost.JsonAsync(await edge.PostAsync("/v1beta/cachedContents", About(file, "\"model\":\"models/gemini-flash-latest\",")));

        var response = await edge.PostAsync(Path, $$"""{"cachedContent":"{{cache["name"]}}","contents":[{"parts":[{"text":"What?"}]}]}""");

        Assert.Equal((HttpStatusCode.OK, "1"), (response.StatusCode, response.Header("x-gemini-edge-attempts")));
        Assert.Equal(edge.Secondary.Value[^4..], response.Header("x-gemini-edge-key-id"));
    }

    [Fact]
    public async Task Generate_NobodyKnowsWhoMadeTheFile_TriesTheKeysAndRemembers()
    {
        await using var maker = await EdgeHost.StartAsync();
        var file = await UploadWithSecondaryAsync(maker, whole: true);
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Keys = 0,
            Settings =
            {
                ["GEMINI_BASE_URL"] = maker.Sandbox.BaseUrl.ToString(),
                ["GEMINI_API_KEY_PRIMARY"] = maker.Primary.Value,
                ["GEMINI_API_KEY_SECONDARY"] = maker.Secondary.Value,
            },
        });

        var first = await edge.PostAsync(Path, About(file));
        var second = await edge.PostAsync(Path, About(file));

        Assert.Equal((HttpStatusCode.OK, "2"), (first.StatusCode, first.Header("x-gemini-edge-attempts")));
        Assert.Equal((HttpStatusCode.OK, "1"), (second.StatusCode, second.Header("x-gemini-edge-attempts")));
        Assert.Equal("resource_denied", (await edge.Log.WaitForAsync("gemini_fail"))["verdict"]!.GetValue<string>());
        Assert.All(edge.Ring.Keys, key => Assert.True(key.Health.IsAvailable("gemini-flash-latest")));
    }

    [Fact]
    public async Task Generate_EveryKeyIsDenied_AnswersTheFirstDenial()
    {
        await using var edge = await EdgeHost.StartAsync();
        var denials = new List<AnswerTee>();
        edge.Sandbox.OnRequest = context =>
        {
            context.Response.Headers["x-which"] = $"{denials.Count}";
            denials.Add(AnswerTee.Install(context));
            return Task.FromResult(false);
        };

        var response = await edge.PostAsync(Path, About("https://generativelanguage.googleapis.com/v1beta/files/none"));

        Assert.Equal((HttpStatusCode.Forbidden, "2", "0"),
            (response.StatusCode, response.Header("x-gemini-edge-attempts"), response.Header("x-which")));
        Assert.Equal(denials[0].Bytes, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(edge.Primary.Value[^4..], response.Header("x-gemini-edge-key-id"));
    }

    [Theory]
    [InlineData(SandboxKeyState.Invalid, SandboxKeyState.Working)]
    [InlineData(SandboxKeyState.Working, SandboxKeyState.Leaked)]
    public async Task Generate_TheKeysThatWorkAreDenied_AnswersTheDenialWhetherDeadOnesWereTriedOrSkipped(SandboxKeyState primary, SandboxKeyState secondary)
    {
        await using var edge = await EdgeHost.StartAsync();
        (edge.Primary.State, edge.Secondary.State) = (primary, secondary);

        for (var i = 0; i < 3; i++)
        {
            var response = await edge.PostAsync(Path, About("https://generativelanguage.googleapis.com/v1beta/files/none"));

            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.StartsWith("You do not have permission", (await EdgeHost.JsonAsync(response))["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Generate_TheOwnerIsThrottledAndTheOtherKeyIsDenied_SaysToWaitWhetherTheOwnerWasTriedOrSkipped()
    {
        await using var edge = await EdgeHost.StartAsync();
        var file = (await EdgeHost.JsonAsync(await Uploading.SendWholeAsync(edge, "hello")))["file"]!["uri"]!.GetValue<string>();
        edge.Primary.State = SandboxKeyState.QuotaMinute;

        for (var i = 0; i < 3; i++)
        {
            var response = await edge.PostAsync(Path, About(file));

            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 21);
        }
    }

    [Theory]
    [InlineData(SandboxKeyState.QuotaDay)]
    [InlineData(SandboxKeyState.ModelClosed)]
    public async Task Upload_PrimaryIsThrottledForAModel_GoesWhereItsFileCanBeUsed(SandboxKeyState primary)
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = primary;
        await edge.NativeAsync();

        var file = (await EdgeHost.JsonAsync(await Uploading.SendWholeAsync(edge, "hello")))["file"]!["uri"]!.GetValue<string>();
        var response = await edge.PostAsync(Path, About(file));
        var list = await edge.Client.GetStringAsync("/v1beta/files", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "1"), (response.StatusCode, response.Header("x-gemini-edge-attempts")));
        Assert.Contains(file, list, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SandboxKeyState.QuotaMinute)]
    [InlineData(SandboxKeyState.QuotaUnknown)]
    public async Task Cache_PrimaryIsThrottledForItsModel_IsMadeWhereItCanBeUsed(SandboxKeyState primary)
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = primary;
        await edge.NativeAsync();

        var text = string.Concat(Enumerable.Repeat("A long text. ", 400));
        var made = await edge.PostAsync("/v1beta/cachedContents", $$$"""{"model":"models/gemini-flash-latest","contents":[{"parts":[{"text":"{{{text}}}"}]}]}""");
        var cache = await EdgeHost.JsonAsync(made);
        var response = await edge.PostAsync(Path, $$"""{"cachedContent":"{{cache["name"]}}","contents":[{"parts":[{"text":"What?"}]}]}""");

        Assert.Equal((edge.Secondary.Value[^4..], "1"), (made.Header("x-gemini-edge-key-id"), made.Header("x-gemini-edge-attempts")));
        Assert.Equal((HttpStatusCode.OK, "1"), (response.StatusCode, response.Header("x-gemini-edge-attempts")));
    }

    [Fact]
    public async Task Generate_APromptOnlyMentionsAFile_IsBoundToNone()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = SandboxKeyState.Overloaded;

        var response = await edge.NativeAsync(prompt: """Explain {"fileUri": "files/abc", "cachedContent":"cachedContents/x"}""");

        Assert.Equal((HttpStatusCode.OK, "2"), (response.StatusCode, response.Header("x-gemini-edge-attempts")));
    }

    /// <summary>PRIMARY refuses just then, and works again, so that nothing but the maker speaks for SECONDARY.</summary>
    private static async Task<string> UploadWithSecondaryAsync(EdgeHost edge, bool whole)
    {
        edge.Primary.State = SandboxKeyState.Forbidden;
        var done = whole
            ? await Uploading.SendWholeAsync(edge, "hello")
            : await Uploading.ContinueAsync(edge, await Uploading.UrlAsync(edge), "upload, finalize", new StringContent("hello"), 0);
        edge.Primary.State = SandboxKeyState.Working;
        Assert.Equal(edge.Secondary.Value[^4..], done.Header("x-gemini-edge-key-id"));
        return (await EdgeHost.JsonAsync(done))["file"]!["uri"]!.GetValue<string>();
    }

    private static string Name(string uri) => uri[uri.LastIndexOf("files/", StringComparison.Ordinal)..];

    private static string About(string fileUri, string more = "") =>
        $$$"""{{{{more}}}"contents":[{"parts":[{"text":"What?"},{"fileData":{"fileUri":"{{{fileUri}}}"}}]}]}""";
}
