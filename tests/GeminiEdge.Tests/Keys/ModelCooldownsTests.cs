using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.Extensions.Time.Testing;

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
            _models.Set($"model-{i}", Cooling(Verdict.ModelUnavailable));
            Assert.NotNull(_models[$"model-{i}"]);
        }

        Assert.Equal(100, _models.Count);
    }

    [Fact]
    public void Set_Full_ForgetsTheOneThatEndsFirst()
    {
        _models.Set("short", Cooling(Verdict.QuotaUnknown));
        for (var i = 1; i < ModelCooldowns.Capacity; i++)
        {
            _models.Set($"model-{i}", Cooling(Verdict.ModelUnavailable));
        }

        _models.Set("one-more", Cooling(Verdict.QuotaNone));

        Assert.Null(_models["short"]);
        Assert.NotNull(_models["model-1"]);
        Assert.NotNull(_models["one-more"]);
    }

    [Fact]
    public void Set_FullAndKnown_ReplacesItAlone()
    {
        for (var i = 0; i < ModelCooldowns.Capacity; i++)
        {
            _models.Set($"model-{i}", Cooling(Verdict.QuotaUnknown));
        }

        _models.Set("model-7", Cooling(Verdict.QuotaNone));

        Assert.Equal(Verdict.QuotaNone, _models["model-7"]!.Cause);
        Assert.Equal(100, _models.Count);
        Assert.NotNull(_models["model-0"]);
    }

    private Cooldown Cooling(Verdict verdict) => Cooldown.Begin(verdict, new UpstreamFailure(429, UpstreamError.Unreadable), strikes: 1, epoch: 1, _time);
}
