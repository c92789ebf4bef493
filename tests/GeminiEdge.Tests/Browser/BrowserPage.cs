using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace GeminiEdge.Tests.Browser;

/// <summary>A tab with the operators' page in it.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _errors = new();

    public BrowserPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) => Note(message.Type is "error" or "warning", $"{message.Text} {message.Location}");
        page.PageError += (_, error) => Note(true, error);
    }

    public IPage Page { get; }

    /// <summary>What the browser's console has said of errors.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public ILocator Primary => Card("PRIMARY");

    public ILocator Attempts => Page.Locator("#attempts tr");

    public ILocator Card(string slot) => Page.Locator("#keys > li").Filter(new() { Has = Page.Locator("h3", new() { HasText = slot }) });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Opens the page and gives it the key, if one is needed.</summary>
    public async Task EnterAsync(Uri edge, string key = "")
    {
        await Page.GotoAsync(new Uri(edge, "/api/status").AbsoluteUri);
        await Page.GetByLabel("Admin key", new() { Exact = true }).FillAsync(key);
        await Button("Show the status").ClickAsync();
        await SaysAsync(Page.Locator("#connection"), "Live");
    }

    /// <summary>Waits until it says so.</summary>
    public static Task SaysAsync(ILocator where, string words) => Assertions.Expect(where).ToContainTextAsync(words, new() { Timeout = (float)Support.Patience.Limit.TotalMilliseconds });

    public static Task CountsAsync(ILocator what, int count) => Assertions.Expect(what).ToHaveCountAsync(count, new() { Timeout = (float)Support.Patience.Limit.TotalMilliseconds });

    /// <summary>What axe finds that keeps somebody from using the page.</summary>
    public async Task<IReadOnlyList<string>> BarriersAsync()
    {
        AxeResult result = await Page.RunAxe();
        Assert.NotEmpty(result.Passes);
        return [.. result.Violations.Where(found => found.Impact is "serious" or "critical").Select(found => $"{found.Id}: {string.Join("; ", found.Nodes.Select(node => node.Html))}")];
    }

    /// <summary>A picture in artifacts/screenshots: whoever changes a page looks at it.</summary>
    public Task KeepAsync(string name, bool whole = false) => Page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"{name}.png"), FullPage = whole });

    private static string Screenshots => Path.Combine(Path.GetDirectoryName(Support.EdgeProcess.Executable)!, "..", "..", "..", "screenshots");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Note(bool isError, string text)
    {
        if (isError)
        {
            _errors.Enqueue(text);
        }
    }
}
