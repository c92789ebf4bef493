using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>What the executable says when it is started by hand: in each state the truth, and what to do.</summary>
public class BannerTests
{
    private const string Primary = "AQ.a-first-key-0123456789-pri1";
    private const string Secondary = "AQ.a-second-key-0123456789-sec2";
    private const string Caller = "a-client-key-of-a-test-0123";
    private const string NobodyGetsIn = "Nobody gets in: set GEMINI_EDGE_CLIENT_KEYS";
    private const string NoUsableKey = "No usable key: requests are answered 503 no_keys_configured.";
    private const string NotRead = "The setting GEMINI_API_KEY is not read by the edge: put its key into GEMINI_API_KEY_PRIMARY.";
    private const string SetOne = "Set GEMINI_API_KEY_PRIMARY, or GEMINI_KEYVAULT_URI.";
    private static readonly (string, string) Development = ("ASPNETCORE_ENVIRONMENT", "Development");

    [Fact]
    public async Task Development_WithoutKeys_AnswersFromTheSandbox()
    {
        var banner = await BannerAsync(Development);

        Assert.Contains("No key is set: answers come from the built-in sandbox. Set GEMINI_API_KEY_PRIMARY to talk to Gemini.", banner);
        Assert.Contains("Programs on this machine need no key", string.Join('\n', banner), StringComparison.Ordinal);
        Assert.Contains(banner, line => line.StartsWith("  curl ", StringComparison.Ordinal) && !line.Contains("x-goog-api-key", StringComparison.Ordinal));
    }

    // The name that every SDK knows, and the edge does not.
    [Fact]
    public async Task GeminiApiKey_IsSetAlone_IsNamedInDevelopment()
    {
        var banner = await BannerAsync(Development, ("GEMINI_API_KEY", Primary));

        Assert.Contains("No key is set: answers come from the built-in sandbox.", banner);
        Assert.Contains(NotRead, banner);
    }

    [Fact]
    public async Task GeminiApiKey_IsSetAlone_IsNamedInProductionAndInTheLog()
    {
        await using var edge = Start(("GEMINI_API_KEY", Primary));
        var banner = await BannerAsync(edge);

        Assert.Contains(NoUsableKey, banner);
        Assert.Contains(NotRead, banner);
        Assert.DoesNotContain(SetOne, banner);
        await edge.Log.WaitForAsync("configuration_warning", line => line["message"]!.GetValue<string>() == NotRead);
    }

    [Fact]
    public async Task GeminiApiKey_BesideAKeyOfTheEdge_IsNotNamed()
    {
        var banner = await BannerAsync(("GEMINI_API_KEY", Secondary), ("GEMINI_API_KEY_PRIMARY", Primary));

        Assert.DoesNotContain(NotRead, banner);
    }

    [Fact]
    public async Task Keys_OfSettings_AreNamedByTheirEnds()
    {
        var banner = await BannerAsync(("GEMINI_API_KEY_PRIMARY", Primary), ("GEMINI_API_KEY_SECONDARY", Secondary), ("GEMINI_EDGE_CLIENT_KEYS", Caller));

        Assert.Contains("Answers come from Gemini, with PRIMARY …pri1, SECONDARY …sec2.", banner);
        Assert.Contains("Callers need one of the keys of GEMINI_EDGE_CLIENT_KEYS.", banner);
        Assert.Contains(banner, line => line.StartsWith("  curl ", StringComparison.Ordinal) && line.Contains("x-goog-api-key: $YOUR_CLIENT_KEY", StringComparison.Ordinal));
        Assert.Contains(banner, line => line.EndsWith("/api/status, once GEMINI_EDGE_ADMIN_KEYS is set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_OfAVault_AreReadFromIt()
    {
        var banner = await BannerAsync(("GEMINI_KEYVAULT_URI", "https://127.0.0.1:9/"), ("GEMINI_BASE_URL", "https://gateway.example"), ("GEMINI_EDGE_CLIENT_KEYS", Caller), ("GEMINI_API_KEY_PRIMARY", Primary));

        Assert.Contains("Answers come from https://gateway.example, with the keys of https://127.0.0.1:9/; a line below says so if they can't be read. Until they are: PRIMARY …pri1.", banner);
    }

    [Fact]
    public async Task Production_WithoutAnything_SaysBothAndOffersNothingToTry()
    {
        var banner = await BannerAsync();

        Assert.Contains(NoUsableKey, banner);
        Assert.Contains(SetOne, banner);
        Assert.Contains(banner, line => line.StartsWith(NobodyGetsIn, StringComparison.Ordinal));
        Assert.DoesNotContain(banner, line => line.Contains("curl", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("your-api-key-here", "is a placeholder, not a key")]
    [InlineData("\"AQ.a-key-in-quotes-0123456789\"", "stands in quotes")]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x)", "is an unresolved Key Vault reference")]
    [InlineData("short", "is shorter than 16 characters")]
    public async Task Key_CanNotBeUsed_IsNamedWithWhatIsWrong(string key, string fault)
    {
        var banner = await BannerAsync(Development, ("GEMINI_API_KEY_PRIMARY", key));

        Assert.Contains(NoUsableKey, banner);
        Assert.Contains(banner, line => line.StartsWith($"  - The setting GEMINI_API_KEY_PRIMARY {fault}", StringComparison.Ordinal));
        Assert.DoesNotContain(banner, line => line.Contains("sandbox", StringComparison.Ordinal) || line.Contains("curl", StringComparison.Ordinal) || (key.Length > 10 && line.Contains(key, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Key_CanNotBeUsedBesideAnother_IsNamedToo()
    {
        var banner = await BannerAsync(Development, ("GEMINI_API_KEY_PRIMARY", "your-api-key-here"), ("GEMINI_API_KEY_SECONDARY", Secondary));

        Assert.Contains("Answers come from Gemini, with SECONDARY …sec2.", banner);
        Assert.Contains(banner, line => line.StartsWith("  - The setting GEMINI_API_KEY_PRIMARY is a placeholder", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Settings_AreInvalid_AreListedWithoutTheirValues()
    {
        await using var edge = Start(Development, ("GeminiEdge__Deadline", "soon"), ("GeminiEdge__Selecton", "RoundRobin"), ("GEMINI_EDGE_CLIENT_KEYS", "too-short"), ("GEMINI_API_KEY_PRIMARY", Primary));
        var banner = await BannerAsync(edge);

        var first = Array.IndexOf(banner, "The settings are not valid. Until they are, requests are answered 503 invalid_configuration:");
        Assert.True(first > 0);
        Assert.Contains("Answers then come from Gemini, with PRIMARY …pri1.", banner);
        Assert.All(["The setting GEMINI_EDGE_CLIENT_KEYS holds a key of fewer", "The setting GeminiEdge__Deadline is a duration as hh:mm:ss", "The setting GeminiEdge__Selecton is not known."],
            sentence => Assert.Single(banner, line => line.StartsWith($"  - {sentence}", StringComparison.Ordinal) && line.EndsWith('.')));
        Assert.DoesNotContain(banner, line => line.Contains("soon", StringComparison.Ordinal) || line.Contains("too-short", StringComparison.Ordinal)
            || line.Contains("RoundRobin", StringComparison.Ordinal) || line.Contains("curl", StringComparison.Ordinal));

        using var client = new HttpClient { BaseAddress = await edge.Listening };
        using var response = await client.PostAsync("/api/generate", new StringContent("{}"), TestContext.Current.CancellationToken);
        Assert.Equal("invalid_configuration", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["code"]);
    }

    private static EdgeProcess Start(params (string, string)[] settings) => EdgeProcess.Start([("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. settings]);

    private static async Task<string[]> BannerAsync(params (string, string)[] settings)
    {
        await using var edge = Start(settings);
        return await BannerAsync(edge);
    }

    private static async Task<string[]> BannerAsync(EdgeProcess edge)
    {
        await Eventually.IsAsync(() => edge.Errors.Contains("Stop it with Ctrl-C", StringComparison.Ordinal) || edge.HasExited);
        var banner = edge.Errors.Split('\n');
        Assert.StartsWith("GeminiEdge listens on http://127.0.0.1:", banner[1], StringComparison.Ordinal);
        Assert.All([Primary, Secondary, Caller], key => Assert.DoesNotContain(key[..8], edge.Errors, StringComparison.Ordinal));
        return banner;
    }
}
