using System.Net;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>How keys come back, seen from outside.</summary>
public class RecoveryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Generate_PrimaryDied_IsSkippedUntilItsTrialThenUsedAgain()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        edge.Primary.State = SandboxKeyState.Invalid;
        await AssertAnsweredByAsync(edge, edge.Secondary, attempts: 2);
        _time.Advance(TimeSpan.FromSeconds(59.9));
        await AssertAnsweredByAsync(edge, edge.Secondary, attempts: 1);
        edge.Primary.State = SandboxKeyState.Working;
        _time.Advance(TimeSpan.FromSeconds(0.1));

        await AssertAnsweredByAsync(edge, edge.Primary, attempts: 1);
        await AssertAnsweredByAsync(edge, edge.Primary, attempts: 1);
    }

    [Fact]
    public async Task Generate_PrimaryStaysDead_IsTriedOnceAfterOneFiveAndFifteenMinutes()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        edge.Primary.State = SandboxKeyState.Invalid;
        await AssertAnsweredByAsync(edge, edge.Secondary, attempts: 2);
        foreach (var minutes in new[] { 1, 5, 15, 15 })
        {
            _time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromTicks(1));
            await AssertAnsweredByAsync(edge, edge.Secondary, attempts: 1);
            _time.Advance(TimeSpan.FromTicks(1));
            await AssertAnsweredByAsync(edge, edge.Secondary, attempts: 2);
            await AssertAnsweredByAsync(edge, edge.Secondary, attempts: 1);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Generate_ManyAtOnceWhenTheTrialIsDue_OneTriesAndTheOthersGoToSecondary(bool works)
    {
        var trial = new TaskCompletionSource<HttpResponseMessage>();
        var isDue = false;
        EdgeHost? host = null;
        using var upstream = new FakeUpstream(call => call.Key == host!.Secondary.Value ? Task.FromResult(UpstreamAnswers.Of(Verdict.Ok))
            : isDue ? trial.Task
            : Task.FromResult(UpstreamAnswers.Of(Verdict.KeyInvalid)));
        await using var edge = host = await EdgeHost.StartAsync(new EdgeSetup { Time = _time, Upstream = upstream });
        await AssertAnsweredByAsync(edge, edge.Secondary, attempts: 2);
        isDue = true;
        _time.Advance(TimeSpan.FromMinutes(1));
        upstream.Forget();

        var requests = Enumerable.Range(0, 50).Select(_ => edge.GenerateAsync()).ToList();
        var answered = 0;
        for (var waiting = requests; answered < 49; answered++)
        {
            var first = await Task.WhenAny(waiting);
            Assert.Equal(edge.Secondary.Value[^4..], (await first).Headers.GetValues("x-gemini-edge-key-id").Single());
            waiting = [.. waiting.Where(request => request != first)];
        }

        Assert.Equal(1, upstream.Keys.Count(key => key == edge.Primary.Value));
        trial.SetResult(UpstreamAnswers.Of(works ? Verdict.Ok : Verdict.KeyInvalid));
        Assert.All(await Task.WhenAll(requests), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        upstream.Forget();
        isDue = false;
        await edge.GenerateAsync();
        Assert.Equal(works ? edge.Primary.Value : edge.Secondary.Value, upstream.Keys[0]);
    }

    [Fact]
    public async Task Generate_AllKeysDead_FailsAtOnceWithoutAttemptsWhileTheGatesAreClosed()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        edge.Primary.State = edge.Secondary.State = SandboxKeyState.Invalid;
        Assert.Equal(2, await AttemptsOfFailureAsync(edge));

        // The failures that rejected the keys closed no gate: each is tried once more, by one request each.
        Assert.Equal(1, await AttemptsOfFailureAsync(edge));
        Assert.Equal(1, await AttemptsOfFailureAsync(edge));
        Assert.Equal(0, await AttemptsOfFailureAsync(edge));
        Assert.Equal(0, await AttemptsOfFailureAsync(edge));

        foreach (var seconds in new[] { 1, 2, 4, 8, 16 })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.Equal(0, await AttemptsOfFailureAsync(edge));
            _time.Advance(TimeSpan.FromTicks(1));
            Assert.Equal(1, await AttemptsOfFailureAsync(edge));
            Assert.Equal(1, await AttemptsOfFailureAsync(edge));
            Assert.Equal(0, await AttemptsOfFailureAsync(edge));
        }
    }

    [Fact]
    public async Task Generate_AllKeysDeadAndOneRepaired_WorksAsSoonAsItsGateOpens()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(edge));
        edge.Primary.State = edge.Secondary.State = SandboxKeyState.Invalid;
        for (var second = 0; second < 100; second++)
        {
            await AttemptsOfFailureAsync(edge);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(edge));
        edge.Secondary.State = SandboxKeyState.Working;
        var waited = 0;
        while ((await edge.GenerateAsync()).StatusCode != HttpStatusCode.OK)
        {
            Assert.True(++waited <= 30);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(HttpStatusCode.OK, await HealthAsync(edge));
        await AssertAnsweredByAsync(edge, edge.Secondary, attempts: 1);
    }

    [Fact]
    public async Task Generate_AllKeysLeaked_NeverTriesAgain()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        edge.Primary.State = edge.Secondary.State = SandboxKeyState.Leaked;
        Assert.Equal(2, await AttemptsOfFailureAsync(edge));
        edge.Primary.State = edge.Secondary.State = SandboxKeyState.Working;
        _time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(0, await AttemptsOfFailureAsync(edge));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(edge));
    }

    [Theory]
    [InlineData(SandboxKeyState.QuotaMinute, SandboxKeyState.QuotaMinute, 20)]
    [InlineData(SandboxKeyState.QuotaUnknown, SandboxKeyState.QuotaMinute, 5)]
    [InlineData(SandboxKeyState.QuotaMinute, SandboxKeyState.Invalid, 20)]
    [InlineData(SandboxKeyState.QuotaDay, SandboxKeyState.QuotaDay, 1800)]
    [InlineData(SandboxKeyState.Overloaded, SandboxKeyState.QuotaMinute, 1)]
    [InlineData(SandboxKeyState.Invalid, SandboxKeyState.Invalid, null)]
    [InlineData(SandboxKeyState.Leaked, SandboxKeyState.SpendCap, null)]
    [InlineData(SandboxKeyState.QuotaNone, SandboxKeyState.Forbidden, null)]
    public async Task Generate_AllKeysFailed_SaysWhenToRetryIfWaitingHelps(SandboxKeyState primary, SandboxKeyState secondary, int? seconds)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        (edge.Primary.State, edge.Secondary.State) = (primary, secondary);

        var response = await edge.GenerateAsync();

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(seconds, (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    private static async Task AssertAnsweredByAsync(EdgeHost edge, SandboxKey key, int attempts)
    {
        var response = await edge.GenerateAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            (key.Value[^4..], $"{attempts}"),
            (response.Headers.GetValues("x-gemini-edge-key-id").Single(), response.Headers.GetValues("x-gemini-edge-attempts").Single()));
    }

    /// <summary>How many attempts upstream a request made that ended in 502.</summary>
    private static async Task<int> AttemptsOfFailureAsync(EdgeHost edge)
    {
        edge.Sandbox.ClearRequests();
        var response = await edge.GenerateAsync();
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        var attempts = (await EdgeHost.JsonAsync(response))["attempts"]!.AsArray();
        Assert.Equal(2, attempts.Count);
        Assert.Equal(edge.Sandbox.Requests.Count, attempts.Count(attempt => !attempt!["skipped"]!.GetValue<bool>()));
        Assert.Equal(edge.Sandbox.Requests.Count > 0, response.Headers.Contains("x-gemini-edge-attempts"));
        return edge.Sandbox.Requests.Count;
    }

    private static async Task<HttpStatusCode> HealthAsync(EdgeHost edge) => (await edge.Client.GetAsync("/api/health")).StatusCode;
}
