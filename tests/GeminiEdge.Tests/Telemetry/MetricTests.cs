using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Telemetry;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Telemetry;

/// <summary>What the meter counts and measures, and that callers can't make its tags many.</summary>
[Collection(nameof(Telemetry))]
public sealed class MetricTests
{
    [Fact]
    public async Task Request_FailsOver_IsCountedByKeyAndVerdict()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var metrics = MetricCapture.Of(edge);
        edge.Primary.State = SandboxKeyState.Expired;

        using var response = await edge.NativeAsync("streamGenerateContent?alt=sse");
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        await Eventually.IsAsync(() => metrics.Of("gen_ai.client.operation.time_to_first_chunk").Any());

        Assert.Equal(
            [$"PRIMARY {edge.Primary.Value[^4..]} key_invalid next_key", $"SECONDARY {edge.Secondary.Value[^4..]} ok return"],
            metrics.Of("gemini_edge.attempts").Select(each => $"{each.Tag("gemini_edge.slot")} {each.Tag("gemini_edge.key_id")} {each.Tag("gemini_edge.verdict")} {each.Tag("gemini_edge.next")}"));
        var failover = Assert.Single(metrics.Of("gemini_edge.failovers"));
        Assert.Equal((1, "PRIMARY", "key_invalid"), (failover.Value, failover.Tag("gemini_edge.slot"), failover.Tag("gemini_edge.verdict")));
        Assert.Empty(metrics.Of("gemini_edge.extra_attempts"));
        Assert.Equal(["key_invalid", null], metrics.Of("gen_ai.client.operation.duration").Select(each => each.Tag("error.type")));
        var first = Assert.Single(metrics.Of("gen_ai.client.operation.time_to_first_chunk"));
        Assert.InRange(first.Value, 0, metrics.Of("gen_ai.client.operation.duration").Last().Value);
        Assert.Equal(["input", "output"], metrics.Of("gen_ai.client.token.usage").Select(each => each.Tag("gen_ai.token.type")));
        Assert.All(metrics.All.Where(each => each.Name.StartsWith("gen_ai.", StringComparison.Ordinal) && each.Tag("error.type") is null), each =>
        {
            Assert.Equal(("generate_content", "gcp.gemini", "gemini-flash-latest", "127.0.0.1"),
                (each.Tag("gen_ai.operation.name"), each.Tag("gen_ai.provider.name"), each.Tag("gen_ai.request.model"), each.Tag("server.address")));
            Assert.True(each.Value > 0 && each.Tag("gen_ai.response.model")!.StartsWith("gemini-", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task KeyStates_AreToldAllOfThem()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var metrics = MetricCapture.Of(edge);
        edge.Primary.State = SandboxKeyState.Expired;
        using var response = await edge.NativeAsync();
        await edge.Log.WaitForAsync("gemini_ok");

        var observed = metrics.Observe();

        var states = observed.Where(each => each.Name == "gemini_edge.key.state").ToList();
        Assert.Equal(8, states.Count);
        Assert.Equal(["PRIMARY rejected", "SECONDARY healthy"], states.Where(each => each.Value == 1).Select(each => $"{each.Tag("gemini_edge.slot")} {each.Tag("gemini_edge.key.state")}"));
        Assert.Equal([edge.Primary.Value[^4..], edge.Secondary.Value[^4..]], states.Select(each => each.Tag("gemini_edge.key_id")).Distinct());
        Assert.InRange(Assert.Single(observed, each => each.Name == "gemini_edge.ring.age").Value, 0, 600);
    }

    // Whoever may call the edge may write any name of a model, as often as it likes.
    [Fact]
    public async Task Models_ThatGoogleDoesNotKnow_AreOneName()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var metrics = MetricCapture.Of(edge);

        for (var i = 0; i < 5; i++)
        {
            using var response = await edge.NativeAsync(model: $"no-such-model-{i}");
        }

        using var full = await edge.NativeAsync(model: edge.Primary.Value);
        await Eventually.IsAsync(() => metrics.Of("gen_ai.client.operation.duration").Count() >= 6);

        Assert.Equal(["other"], metrics.Of("gen_ai.client.operation.duration").Select(each => each.Tag("gen_ai.request.model")).Distinct());
        foreach (var each in metrics.All)
        {
            edge.Secrets.See("a metric", string.Join(' ', each.Tags));
        }
    }

    [Fact]
    public void Models_MoreThanAreNamed_AreOther()
    {
        var names = new ModelNames(new KeyMask());

        var asked = Enumerable.Range(0, 200).Select(i => names.Asked(SampleAttempt.Full() with { Model = $"model-{i}", Verdict = Verdict.Ok })).ToList();
        var answering = Enumerable.Range(0, 200).Select(i => names.Answering(SampleAttempt.Full() with { ModelVersion = $"version-{i}" })).ToList();

        Assert.Equal(ModelNames.Most + 1, asked.Distinct().Count());
        Assert.Equal(ModelNames.Most + 1, answering.Distinct().Count());
        Assert.Equal(("model-49", "other"), (asked[49], asked[50]));
        Assert.Equal("model-3", names.Asked(SampleAttempt.Full() with { Model = "model-3", Verdict = Verdict.KeyInvalid }));
    }

    [Theory]
    [InlineData(nameof(Verdict.KeyInvalid))]
    [InlineData(nameof(Verdict.CallerError))]
    [InlineData(nameof(Verdict.ModelUnavailable))]
    [InlineData(nameof(Verdict.Network))]
    public void Model_ThatGoogleHasSaidNothingOf_HasNoNameYet(string verdict) =>
        Assert.Equal("other", new ModelNames(new KeyMask()).Asked(SampleAttempt.Full() with { Verdict = Enum.Parse<Verdict>(verdict) }));

    [Fact]
    public void ExtraAttempts_AreThoseBesideAndThoseOfLaterRounds()
    {
        var ring = new KeyRingProvider(TimeProvider.System, new KeyMask(), Microsoft.Extensions.Logging.Abstractions.NullLogger<KeyRingProvider>.Instance);
        using var meter = new FailoverMetrics(new ForwardingOptions(), ring, new ModelNames(new KeyMask()), TimeProvider.System);
        using var metrics = new MetricCapture(meter.Meter);
        var attempt = SampleAttempt.Full();

        meter.AttemptEnded(attempt with { Round = 1, IsBeside = false });
        meter.AttemptEnded(attempt with { Round = 1, IsBeside = true });
        meter.AttemptEnded(attempt with { Round = 3, IsBeside = false });

        Assert.Equal(["hedge", "round"], metrics.Of("gemini_edge.extra_attempts").Select(each => each.Tag("gemini_edge.reason")));
        Assert.DoesNotContain(metrics.Observe(), each => each.Name == "gemini_edge.ring.age");
    }
}
