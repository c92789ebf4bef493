using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.Extensions.Time.Testing;
using static GeminiEdge.Tests.Keys.ChatCalls;

namespace GeminiEdge.Tests.Keys;

public class ModelCooldownsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ModelCooldowns _models;

    public ModelCooldownsTests() => _models = new ModelCooldowns(_time);

    [Fact]
    public void Capacity_TenKeysOfARing_IsAThousandInAll() => Assert.Equal(1000, ModelCooldowns.Capacity * KeySlots.All.Length);

    [Fact]
    public void Set_TenThousandModels_KeepsOneHundredAndTheNewest()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _models.Set(Chat($"model-{i}"), CallKinds.Of(CallKind.Generate), Cooling(Verdict.ModelUnavailable));
            Assert.NotNull(_models[Chat($"model-{i}")]);
        }

        Assert.Equal(100, _models.Count);
    }

    [Fact]
    public void Set_Full_ForgetsTheOneThatEndsFirst()
    {
        _models.Set(Chat("short"), CallKinds.Of(CallKind.Generate), Cooling(Verdict.QuotaUnknown));
        for (var i = 1; i < ModelCooldowns.Capacity; i++)
        {
            _models.Set(Chat($"model-{i}"), CallKinds.Of(CallKind.Generate), Cooling(Verdict.ModelUnavailable));
        }

        _models.Set(Chat("one-more"), CallKinds.Of(CallKind.Generate), Cooling(Verdict.QuotaNone));

        Assert.Null(_models[Chat("short")]);
        Assert.NotNull(_models[Chat("model-1")]);
        Assert.NotNull(_models[Chat("one-more")]);
    }

    [Fact]
    public void Set_FullAndKnown_ReplacesItAlone()
    {
        for (var i = 0; i < ModelCooldowns.Capacity; i++)
        {
            _models.Set(Chat($"model-{i}"), CallKinds.Of(CallKind.Generate), Cooling(Verdict.QuotaUnknown));
        }

        _models.Set(Chat("model-7"), CallKinds.Of(CallKind.Generate), Cooling(Verdict.QuotaNone));

        Assert.Equal(Verdict.QuotaNone, _models[Chat("model-7")]!.Cause);
        Assert.Equal(100, _models.Count);
        Assert.NotNull(_models[Chat("model-0")]);
    }

    private Cooldown Cooling(Verdict verdict) => Cooldown.Begin(verdict, new UpstreamFailure(429, UpstreamError.Unreadable), RefusalScope.Model, strikes: 1, epoch: 1, _time);
}
