using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Status;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Status;

public class StatusEventsTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Events_BeginWithTheWhole_AndTellWhatAnAttemptChanged()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        using var page = await StatusStream.OpenAsync(edge.Client);
        var whole = await page.NextAsync("status");
        edge.Primary.State = SandboxKeyState.Expired;

        (await edge.GenerateAsync()).EnsureSuccessStatusCode();
        await StatusTests.AttemptsAsync(edge, 2);
        _time.Advance(StatusFeed.Interval);

        Assert.Equal(2, whole["keys"]!.AsArray().Count);
        Assert.Equal("rejected", (string?)(await page.NextAsync("change", change => (string?)change["slot"] == "PRIMARY"))["to"]);
        Assert.Equal("key_invalid", (string?)(await page.NextAsync("attempt"))["verdict"]);
        Assert.Equal("ok", (string?)(await page.NextAsync("attempt"))["verdict"]);
        Assert.Equal("rejected", (string?)(await page.NextAsync("key"))["state"]);
        Assert.Equal("healthy", (string?)(await page.NextAsync("key"))["state"]);
        Assert.Equal(1, (int)(await page.NextAsync("minute"))["failovers"]!);
        Assert.Equal("gemini-flash-latest", (string?)(await page.NextAsync("model"))["model"]);
    }

    [Fact]
    public async Task Events_NothingHappens_AreASignOfLifeEveryFifteenSeconds()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        using var page = await StatusStream.OpenAsync(edge.Client);
        await page.NextAsync("status");

        for (var passed = TimeSpan.Zero; passed <= StatusFeed.Silence; passed += StatusFeed.Interval)
        {
            _time.Advance(StatusFeed.Interval);
        }

        Assert.Equal(": still here", await page.LineAsync(line => line.StartsWith(':')));
    }

    [Fact]
    public async Task Events_OfAPageThatReadsNothing_GiveWayAndKeepNobodyWaiting()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        var feed = edge.Services.GetRequiredService<StatusFeed>();
        var asleep = feed.Join()!;
        using var page = await StatusStream.OpenAsync(edge.Client);
        await page.NextAsync("status");

        for (var number = 1; number <= 20; number++)
        {
            (await edge.GenerateAsync()).EnsureSuccessStatusCode();
            await StatusTests.AttemptsAsync(edge, number);
            _time.Advance(StatusFeed.Interval);
            Assert.Equal(number - 1, (int)(await page.NextAsync("attempt"))["n"]!);
        }

        asleep.End();
        var kept = 0;
        await foreach (var _ in asleep.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            kept++;
        }

        Assert.Equal((16, true), (kept, asleep.TakeMissed()));
    }

    [Fact]
    public async Task Events_OfMorePagesThanMayBeOpen_Are503()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        var feed = edge.Services.GetRequiredService<StatusFeed>();
        var open = Enumerable.Range(0, StatusFeed.MostListeners).Select(_ => feed.Join()!).ToList();

        await EdgeErrors.AssertProblemAsync(await edge.GetAsync("/api/admin/status/events"), 503, "too_many_pages");
        feed.Leave(open[0]);

        using var page = await StatusStream.OpenAsync(edge.Client);
        await page.NextAsync("status");
    }

    // An open page would keep the process from ending for as long as an answer may.
    [Fact]
    public async Task Events_TheEdgeStops_SaySoAndEnd()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        using var page = await StatusStream.OpenAsync(edge.Client);
        await page.NextAsync("status");

        edge.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.EndsWith("event: stop\ndata: {}\n\n", await page.RestAsync(), StringComparison.Ordinal);
    }

    // Of an instance that nobody uses a page would show the keys of long ago.
    [Fact]
    public async Task Events_TheKeysAreRotatedWhileNobodySendsARequest_ShowTheNewRing()
    {
        var (test, _, _) = await VaultEdge.StartWithTwoAsync();
        await using var disposing = test;
        using var page = await StatusStream.OpenAsync(test.Edge.Client);
        await page.NextAsync("status");
        var fresh = test.PutNew(KeySlot.Primary);

        // The page is what makes the edge read; ring and change are told as they are found, one look after the other.
        test.Time.Advance(VaultEdge.Interval + TimeSpan.FromSeconds(1));
        var ring = await WhileTimePassesAsync(test.Time, page.NextAsync("ring"));
        var change = await WhileTimePassesAsync(test.Time, page.NextAsync("change"));

        Assert.Equal(VaultEdge.Id(fresh), (string?)ring[0]!["key_id"]);
        Assert.Equal("ring_changed", (string?)change["event"]);
    }

    [Fact]
    public async Task Events_ThePageIsClosed_AreWrittenForNobody()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        var feed = edge.Services.GetRequiredService<StatusFeed>();
        using (var page = await StatusStream.OpenAsync(edge.Client))
        {
            await page.NextAsync("status");
            Assert.Equal(1, feed.Listeners);
        }

        await Eventually.IsAsync(() => feed.Listeners == 0);
    }

    // In small steps: a leap would end the patience of the read that is under way.
    private static async Task<JsonNode> WhileTimePassesAsync(FakeTimeProvider time, Task<JsonNode> next)
    {
        await Eventually.IsAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            return next.IsCompleted;
        });
        return await next;
    }
}
