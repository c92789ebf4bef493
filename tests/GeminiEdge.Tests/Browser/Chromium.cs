using Microsoft.Playwright;

namespace GeminiEdge.Tests.Browser;

/// <summary>One browser for all tests that look at a page: Debian's, which .ci/run installs.</summary>
public sealed class Chromium : IAsyncLifetime
{
    // The shell does the same in half the time; other systems have only the other.
    private static readonly string[] Browsers = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
    private static readonly string Missing = $"There is neither {string.Join(" nor ", Browsers)}";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Array.Find(Browsers, File.Exists) is not { } browser)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();

        // Root has no sandbox to put a page in; whatever is shown here is our own.
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = browser, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }

    /// <summary>A tab of its own. Where there is no browser the test is skipped, but not where one has to be.</summary>
    internal async Task<BrowserPage> OpenAsync(ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900)
    {
        if (_browser is null && Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip($"{Missing}: apt-get install chromium-headless-shell.");
        }

        Assert.True(_browser is not null, $"{Missing}, which .ci/run installs.");
        var context = await _browser.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height }, ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout((float)Support.Patience.Limit.TotalMilliseconds);
        return new BrowserPage(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

[CollectionDefinition(nameof(Chromium))]
public sealed class OneChromium : ICollectionFixture<Chromium>;
