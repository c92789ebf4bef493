using System.Text.Json.Nodes;
using GeminiEdge.Configuration;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Access;

/// <summary>Whoever is refused leaves a line in the log, at most one a second, and nothing of what was presented.</summary>
public class ClientRefusalTests
{
    private const string Wrong = "a-guess-at-a-key-0123456789";
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Refusals_ManyInASecond_AreToldAtOnceAndThenTogether()
    {
        await using var edge = await StartAsync();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(401, (await RawHttp.SendAsync(edge, "GET", "/v1beta/models", $"x-goog-api-key: {Wrong}")).Status);
        }

        Assert.Equal([(1, "native")], await RefusalsAsync(edge, 1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([(1, "native"), (49, "native")], await RefusalsAsync(edge, 2));

        // Silence is no line; what comes after it is told at once.
        _time.Advance(TimeSpan.FromSeconds(10));
        await RawHttp.SendAsync(edge, "POST", "/api/generate");
        await RawHttp.SendAsync(edge, "POST", "/api/admin/refresh");
        await RawHttp.SendAsync(edge, "GET", "/v1beta/models");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([(1, "native"), (49, "native"), (1, "api"), (2, "admin,native")], await RefusalsAsync(edge, 4));
    }

    [Theory]
    [InlineData(Hosting.Standalone)]
    [InlineData(Hosting.CustomHandler)]
    [InlineData(Hosting.IsolatedWorker)]
    public async Task Refusal_OfAnyHostingModel_TellsNothingThatWasPresented(Hosting hosting)
    {
        await using var edge = await StartAsync(hosting);
        edge.Secrets.AddCallerKey(Wrong);

        var answer = await RawHttp.SendAsync(edge, "GET", $"/v1beta/models/{Wrong}?key={Wrong}", $"Authorization: Bearer {Wrong}", $"x-goog-api-key: {Wrong}");

        Assert.Equal(401, answer.Status);
        var line = await edge.Log.WaitForAsync("client_refused");
        Assert.Equal(["area", "count", "event", "level", "time"], line.Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal("warning", line["level"]!.GetValue<string>());
    }

    [Fact]
    public async Task Caller_GetsIn_LeavesNoSuchLine()
    {
        await using var edge = await StartAsync();

        Assert.Equal(200, (await RawHttp.SendAsync(edge, "GET", "/v1beta/models", $"x-goog-api-key: {Caller.Key}")).Status);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.DoesNotContain(edge.Log.Events, line => LogCapture.Name(line) == "client_refused");
    }

    private static async Task<IEnumerable<(int, string)>> RefusalsAsync(EdgeHost edge, int count)
    {
        IReadOnlyList<JsonObject> lines = await edge.Log.WaitForAsync("client_refused", count);
        return lines.Select(line => (line["count"]!.GetValue<int>(), line["area"]!.GetValue<string>()));
    }

    private Task<EdgeHost> StartAsync(Hosting hosting = Hosting.Standalone) => EdgeHost.StartAsync(new EdgeSetup
    {
        Hosting = hosting,
        Time = _time,
        Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = Caller.Key, ["GEMINI_EDGE_ADMIN_KEYS"] = Caller.AdminKey },
    });
}
