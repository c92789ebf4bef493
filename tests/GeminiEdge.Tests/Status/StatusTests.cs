using System.Text.Json.Nodes;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Status;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Status;

public class StatusTests
{
    [Fact]
    public async Task Status_OfAFreshEdge_ShowsKeysThatNobodyHasUsed()
    {
        await using var edge = await EdgeHost.StartAsync();

        var status = await StatusAsync(edge);

        Assert.Equal(["PRIMARY unknown", "SECONDARY unknown"], status["keys"]!.AsArray().Select(key => $"{key!["slot"]} {key["state"]}"));
        Assert.Equal(edge.Primary.Value[^4..], (string?)status["keys"]![0]!["key_id"]);
        Assert.Equal("ring_changed", (string?)Assert.Single(status["events"]!.AsArray())!["event"]);
        Assert.Empty(status["attempts"]!.AsArray());
        Assert.Empty(status["minutes"]!.AsArray());
        Assert.False((bool)status["sandbox"]!);
        Assert.Equal(EdgeVersion.Text, (string?)status["edge_version"]);
        Assert.Null(status["fleet"]);
        Assert.Null(status["rotation"]);
    }

    [Fact]
    public async Task Status_PrimaryIsDead_ShowsItAndCountsTheFailover()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = SandboxKeyState.Expired;

        (await edge.GenerateAsync()).EnsureSuccessStatusCode();
        await AttemptsAsync(edge, 2);
        var status = await StatusAsync(edge);

        var (primary, secondary) = (status["keys"]![0]!, status["keys"]![1]!);
        Assert.Equal(("rejected", "key_invalid", 1, 1), ((string?)primary["state"], (string?)primary["verdict"], (int)primary["attempts"]!, (int)primary["failures"]!));
        Assert.NotNull(primary["until"]);
        Assert.Equal(("healthy", null, 1, 0), ((string?)secondary["state"], (string?)secondary["verdict"], (int)secondary["attempts"]!, (int)secondary["failures"]!));
        Assert.Equal(["key_invalid next_key 1", "ok return 2"], status["attempts"]!.AsArray().Select(attempt => $"{attempt!["verdict"]} {attempt["next"]} {attempt["attempt"]}"));
        Assert.Contains(status["events"]!.AsArray(), change => (string?)change!["event"] == "key_state_changed" && (string?)change["to"] == "rejected" && (string?)change["slot"] == "PRIMARY");
        var minutes = status["minutes"]!.AsArray();
        Assert.Equal((1, 0, 1, 2), (Sum(minutes, "requests"), Sum(minutes, "failures"), Sum(minutes, "failovers"), Sum(minutes, "attempts")));
        Assert.Contains(minutes, minute => minute!["p50_ms"] is not null && minute["p95_ms"] is not null);
        Assert.Equal("gemini-flash-latest", (string?)Assert.Single(status["models"]!.AsArray())!["model"]);
        Assert.NotEmpty(status["models"]![0]!["versions"]!.AsArray());
    }

    [Fact]
    public async Task Status_AKeyThatRestsForOneModel_NamesItAndStaysHealthy()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.SetState("gemini-flash-latest", SandboxKeyState.QuotaMinute);

        (await edge.GenerateAsync()).EnsureSuccessStatusCode();
        await AttemptsAsync(edge, 2);
        var primary = (await StatusAsync(edge))["keys"]![0]!;

        var trouble = Assert.Single(primary["troubles"]!.AsArray())!;
        Assert.Equal(("model", "gemini-flash-latest", "quota_minute"), ((string?)trouble["scope"], (string?)trouble["model"], (string?)trouble["verdict"]));
        Assert.NotNull(trouble["until"]);
        Assert.Equal("unknown", (string?)primary["state"]);
    }

    [Fact]
    public async Task Status_EveryKeyIsDead_CountsAFailure()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = edge.Secondary.State = SandboxKeyState.Leaked;

        Assert.Equal(502, (int)(await edge.GenerateAsync()).StatusCode);
        await AttemptsAsync(edge, 2);
        await Eventually.IsAsync(() => Board(edge).Read().Minutes.Sum(minute => minute.Failures) == 1);
        var status = await StatusAsync(edge);

        Assert.All(status["keys"]!.AsArray(), key => Assert.True((bool)key!["leaked"]! && key["until"] is null));
        Assert.Equal(1, Sum(status["minutes"]!.AsArray(), "failures"));
    }

    [Fact]
    public async Task Attempts_OfAnyNumber_AreTheLastTwoHundred()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Keys = 1 });
        var board = Board(edge);
        for (var number = 0; number < StatusBoard.MostAttempts + 5; number++)
        {
            board.AttemptEnded(SampleAttempt.Full() with { Attempt = number });
        }

        var attempts = (await StatusAsync(edge))["attempts"]!.AsArray();

        Assert.Equal((StatusBoard.MostAttempts, 5, StatusBoard.MostAttempts + 4), (attempts.Count, (int)attempts[0]!["n"]!, (int)attempts[^1]!["attempt"]!));
    }

    // Callers choose a model's name, and one may hold a key.
    [Fact]
    public async Task Status_ModelThatHoldsAKey_IsMasked()
    {
        await using var edge = await EdgeHost.StartAsync();
        Board(edge).AttemptEnded(SampleAttempt.Full() with { Model = $"x{edge.Primary.Value}", RequestId = edge.Primary.Value[..20] });

        var attempt = Assert.Single((await StatusAsync(edge))["attempts"]!.AsArray())!;

        Assert.Matches("^x\\*+$", (string?)attempt["model"]);
    }

    internal static StatusBoard Board(EdgeHost edge) => edge.Services.GetRequiredService<StatusBoard>();

    /// <summary>Waits until so many attempts are on the board, and the request they belong to: that happens after the answer.</summary>
    internal static Task AttemptsAsync(EdgeHost edge, int attempts) =>
        Eventually.IsAsync(() => Board(edge).Read() is var reading && reading.NextAttempt == attempts && reading.Minutes.Sum(minute => minute.Requests) > 0);

    internal static async Task<JsonObject> StatusAsync(EdgeHost edge)
    {
        using var response = await edge.GetAsync("/api/admin/status");
        Assert.Equal((200, "no-store"), ((int)response.StatusCode, response.Headers.CacheControl!.ToString()));
        return await EdgeHost.JsonAsync(response);
    }

    private static int Sum(JsonArray minutes, string field) => minutes.Sum(minute => (int)minute![field]!);
}
