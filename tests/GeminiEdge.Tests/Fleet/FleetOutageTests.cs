using System.Net;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Fleet;

[Collection(SharedAzurite.Name)]
public class FleetOutageTests(Azurite azurite)
{
    [Theory]
    [InlineData("503", "failing")]
    [InlineData("403", "denied")]
    [InlineData("404", "failing")]
    [InlineData("no connection", "unreachable")]
    [InlineData("silence", "timeout")]
    public async Task Outage_OfAnyKind_IsSaidOnceAndTouchesNoRequest(string kind, string reason)
    {
        await using var test = await FleetEdge.StartAsync(azurite);
        test.Link.Fault = Fault(kind);

        // A 404 may mean that the table is missing: it is made, and then the row is written again.
        var requests = kind == "404" ? 2 : 1;

        for (var round = 1; round <= 4; round++)
        {
            await test.AskAsync(5);
            await test.CountedAsync(5 * round);
            test.Time.Advance(FleetReporter.Interval);
            await Eventually.IsAsync(() => test.Link.Begun == 1 + (round * requests));
            test.Time.Advance(kind == "silence" ? FleetTable.Patience : TimeSpan.Zero);
            await Eventually.IsAsync(() => test.Link.Writes.Count == test.Link.Begun);
        }

        var told = await test.Edge.Log.WaitForAsync("fleet_unreachable");
        Assert.Equal(reason, told["reason"]!.GetValue<string>());
        Assert.Contains("https://127.0.0.1", told["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(1, test.Link.Done);

        test.Link.Fault = null;
        test.Time.Advance(FleetReporter.Interval);
        await test.Edge.Log.WaitForAsync("fleet_reachable");

        var row = await test.RowAsync();
        Assert.Equal(20, row.Keys[0].Minutes.Sum(minute => minute.Ok));
        Assert.Single(test.Edge.Log.Events, line => LogCapture.Name(line) == "fleet_unreachable");
    }

    [Fact]
    public async Task Outage_ItLasts_IsTriedAtMostEveryTenSeconds()
    {
        await using var test = await FleetEdge.StartAsync(azurite);
        test.Link.Fault = Fault("503");

        for (var second = 0; second < 30; second++)
        {
            await test.AskAsync();
            await test.CountedAsync(second + 1);
            test.Time.Advance(TimeSpan.FromSeconds(1));
            await Eventually.IsAsync(() => test.Link.Writes.Count >= 1 + ((second + 1) / 10));
        }

        Assert.Equal([0, 10, 20, 30], test.Link.Writes.Select(write => (write.Time - FleetEdge.Start).TotalSeconds));
    }

    [Fact]
    public async Task Storage_IsSilent_OneWriteAtATimeWaitsAndNoRequest()
    {
        await using var test = await FleetEdge.StartAsync(azurite);
        test.Link.Fault = StorageLink.HangAsync;
        test.Edge.Primary.State = SandboxKeyState.Invalid;
        await test.AskAsync();
        await Eventually.IsAsync(() => test.Link.Begun == 2);

        // Each of these rejects a key, which asks for a write at once.
        test.Edge.Secondary.State = SandboxKeyState.Leaked;
        await test.AskAsync(20, status: 502);

        Assert.Equal((2, 1), (test.Link.Begun, test.Link.Writes.Count));
        test.Link.Fault = null;
        test.Time.Advance(FleetTable.Patience);
        await test.WrittenAsync(2);
        Assert.Equal(["rejected", "rejected"], (await test.RowAsync()).Keys.Select(key => key.State));
    }

    [Fact]
    public async Task Storage_IsDownFromTheStart_TheEdgeStartsAndAnswers()
    {
        await using var test = await FleetEdge.StartAsync(azurite, prepare: link => link.Fault = Fault("no connection"));

        await test.AskAsync(3);

        await test.Edge.Log.WaitForAsync("fleet_unreachable");
        Assert.Empty(await test.RowsAsync());
    }

    private static Func<CancellationToken, Task<HttpResponseMessage>> Fault(string kind) => kind switch
    {
        "no connection" => _ => throw new HttpRequestException("no route"),
        "silence" => StorageLink.HangAsync,
        _ => _ => StorageLink.AnswerAsync(Enum.Parse<HttpStatusCode>(kind)),
    };
}
