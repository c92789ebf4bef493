using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Tests.Support;
using Microsoft.Playwright;

namespace GeminiEdge.Tests.Browser;

/// <summary>The operators' page as somebody sees it who has just started the edge, or whose edge is in trouble.</summary>
[Collection(nameof(Chromium))]
public class StatusPageTests(Chromium chromium)
{
    private static readonly (string, string)[] LocalRun = [("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("ASPNETCORE_ENVIRONMENT", "Development")];

    [Fact]
    public async Task Newcomer_KillsPrimary_SeesTheNextKeyAnswerAndPrimaryComeBack()
    {
        await using var edge = EdgeProcess.Start(LocalRun);
        await using var page = await chromium.OpenAsync();
        await page.EnterAsync(await edge.Listening);
        await BrowserPage.SaysAsync(page.Primary, "unknown, not used yet");

        await page.Button("Send a prompt").ClickAsync();
        await BrowserPage.SaysAsync(page.Primary, "healthy");
        await page.Button("Kill").ClickAsync();
        await BrowserPage.SaysAsync(page.Page.Locator("#done"), "has expired");
        await page.Button("Send a prompt").ClickAsync();

        await BrowserPage.SaysAsync(page.Primary, "rejected");
        await BrowserPage.SaysAsync(page.Primary, "key invalid");
        await BrowserPage.SaysAsync(page.Card("SECONDARY"), "healthy");
        await BrowserPage.CountsAsync(page.Attempts, 3);
        await BrowserPage.SaysAsync(page.Page.Locator("#events"), "is rejected");
        await BrowserPage.SaysAsync(page.Page.Locator("#plot-requests-text"), "2 requests, 0 failed, 1 failover");

        await page.Button("Revive").ClickAsync();
        await BrowserPage.SaysAsync(page.Page.Locator("#done"), "works again");
        await page.Button("Probe every key").ClickAsync();
        await BrowserPage.SaysAsync(page.Primary, "healthy");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task KeysAreRotated_TheCardShowsTheNewOneAndTheTimeLineTheChange()
    {
        var (vault, primary, _) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = vault;
        await using var page = await chromium.OpenAsync();
        await page.EnterAsync(vault.Edge.Url);
        await BrowserPage.SaysAsync(page.Primary, VaultEdge.Id(primary));

        var next = VaultEdge.Id(vault.PutNew(KeySlot.Primary));
        await page.Button("Read the keys again").ClickAsync();
        await BrowserPage.SaysAsync(page.Page.Locator("#done"), "they have changed");
        while (!(await page.Primary.InnerTextAsync()).Contains(next, StringComparison.Ordinal))
        {
            // The page is told of what has changed once in a while, by the edge's clock.
            vault.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await BrowserPage.SaysAsync(page.Page.Locator("#events"), $"PRIMARY …{next}");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task ARotationBegins_TheTimeLineNamesItAndItsOperator()
    {
        var (vault, _, _) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = vault;
        await using var page = await chromium.OpenAsync();
        await page.Page.Clock.InstallAsync();
        await page.EnterAsync(vault.Edge.Url);

        vault.Vault.Set(RotationRecord.Secret, "run", new Dictionary<string, string>
        {
            [RotationTags.Command] = "promote",
            [RotationTags.Slot] = "PRIMARY",
            [RotationTags.Operator] = "ann@example.com",
            [RotationTags.Expiry] = RotationTags.Time(vault.Time.GetUtcNow() + TimeSpan.FromMinutes(2)),
        });
        await LookAgainAsync();
        await BrowserPage.SaysAsync(page.Page.Locator("#rotation"), "Under way: promote of PRIMARY by ann@example.com");
        await BrowserPage.SaysAsync(page.Page.Locator("#events"), "promote of PRIMARY by ann@example.com is under way");

        vault.Time.Advance(TimeSpan.FromMinutes(3));
        await LookAgainAsync();
        await BrowserPage.SaysAsync(page.Page.Locator("#events"), "promote of PRIMARY by ann@example.com has ended");
        Assert.Empty(page.Errors);

        // The edge reads it every ten seconds at most, the page asks every fifteen.
        async Task LookAgainAsync()
        {
            vault.Time.Advance(TimeSpan.FromSeconds(11));
            await page.Page.Clock.FastForwardAsync(16_000);
        }
    }

    [Fact]
    public async Task Edge_StartsAgain_ThePageSaysSoAndGoesOnWithTheSameKey()
    {
        var edge = EdgeProcess.Start(LocalRun);
        await using var page = await chromium.OpenAsync();
        var url = await edge.Listening;
        await page.EnterAsync(url);

        edge.Kill();
        await edge.DisposeAsync();
        await BrowserPage.SaysAsync(page.Page.Locator("#connection"), "trying again");
        await using var again = EdgeProcess.Start(("ASPNETCORE_URLS", url.AbsoluteUri.TrimEnd('/')), ("ASPNETCORE_ENVIRONMENT", "Development"));
        await again.Listening;

        await Assertions.Expect(page.Page.Locator("#connection")).ToHaveTextAsync("Live", new() { Timeout = (float)Patience.Limit.TotalMilliseconds });
        await BrowserPage.SaysAsync(page.Page.Locator("#events"), "The edge has started again");

        // The browser itself tells of each request that reached nobody.
        Assert.All(page.Errors, error => Assert.Contains("net::ERR_", error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Key_IsWrong_IsSaidAndNothingIsShown()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = new() { ["GEMINI_EDGE_ADMIN_KEYS"] = "the-admin-key-of-this-edge" } });
        await using var page = await chromium.OpenAsync();
        await page.Page.GotoAsync(new Uri(edge.Url, "/api/status").AbsoluteUri);

        await page.Page.GetByLabel("Admin key", new() { Exact = true }).FillAsync("not-the-admin-key-at-all");
        await page.Page.Keyboard.PressAsync("Enter");
        await BrowserPage.SaysAsync(page.Page.Locator("#door-says"), "key");
        await Assertions.Expect(page.Page.Locator("#board")).ToBeHiddenAsync();
        await page.EnterAsync(edge.Url, "the-admin-key-of-this-edge");

        await BrowserPage.CountsAsync(page.Page.Locator("#keys > li"), 2);
        Assert.Equal("the-admin-key-of-this-edge", await page.Page.EvaluateAsync<string>("sessionStorage.getItem('gemini-edge-admin-key')"));
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
    }

    [Theory]
    [InlineData("Light", 1280)]
    [InlineData("Dark", 1280)]
    [InlineData("Light", 360)]
    [InlineData("Dark", 360)]
    public async Task Page_InEachTheme_AndOnAPhone_ShutsNobodyOut(string scheme, int width)
    {
        await using var edge = EdgeProcess.Start(LocalRun);
        await using var page = await chromium.OpenAsync(Enum.Parse<ColorScheme>(scheme), width);
        await page.Page.GotoAsync(new Uri(await edge.Listening, "/api/status").AbsoluteUri);
        var atTheDoor = await page.BarriersAsync();
        await page.EnterAsync(await edge.Listening);
        await page.Button("Kill").ClickAsync();
        await BrowserPage.SaysAsync(page.Page.Locator("#done"), "has expired");
        for (var i = 1; i <= 5; i++)
        {
            await page.Button("Send a prompt").ClickAsync();
            await BrowserPage.CountsAsync(page.Attempts, i + 1);
        }

        await BrowserPage.SaysAsync(page.Primary, "rejected");

        Assert.Empty(atTheDoor);
        Assert.Empty(await page.BarriersAsync());
        Assert.Equal(width, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await page.KeepAsync($"status-{scheme.ToLowerInvariant()}-{width}", whole: width < 1000);
    }
}
