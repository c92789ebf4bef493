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
    public void Set_Full_CountsAModelAsLongAsItsLongestRest()
    {
        for (var i = 1; i < ModelCooldowns.Capacity; i++)
        {
            _models.Set(Chat($"model-{i}"), Chats, Cooling(i == 40 ? Verdict.QuotaUnknown : Verdict.ModelUnavailable));
        }

        // Five seconds for a chat, but an hour for embeddings.
        _models.Set(Chat("both"), Chats, Cooling(Verdict.QuotaUnknown));
        _models.Set(Embedding("both"), CallKinds.Of(CallKind.Embed), Cooling(Verdict.ModelUnavailable));

        _models.Set(Chat("one-more"), Chats, Cooling(Verdict.QuotaNone));

        Assert.Null(_models[Chat("model-40")]);
        Assert.NotNull(_models[Chat("both")]);
        Assert.Equal(100, _models.Count);
    }

    [Fact]
    public void Set_ForKindsThatShareAQuota_RestsThoseAlone()
    {
        var cooldown = Cooling(Verdict.QuotaDay);
        _models.Set(Chat("m"), CallKinds.Of(CallKind.Generate, CallKind.OpenAi), cooldown);

        Assert.All(Enum.GetValues<CallKind>(), kind => Assert.Same(kind is CallKind.Generate or CallKind.OpenAi ? cooldown : null, _models[new CallScope(kind, "m")]));
        Assert.Null(_models[Chat("another")]);
        var trouble = Assert.Single(_models.AllRunning());
        Assert.Equal((RefusalScope.Model, "m", Verdict.QuotaDay), (trouble.Scope, trouble.Model, trouble.Cause));
        Assert.Equal([CallKind.Generate, CallKind.OpenAi], trouble.Kinds);
    }

    [Theory]
    [InlineData(nameof(Verdict.ModelUnavailable), nameof(Verdict.QuotaUnknown), false)]
    [InlineData(nameof(Verdict.QuotaUnknown), nameof(Verdict.ModelUnavailable), true)]
    [InlineData(nameof(Verdict.QuotaUnknown), nameof(Verdict.QuotaUnknown), true)]
    public void Set_AnotherKindRestsAlready_ItRestsForTheLonger(string before, string after, bool isReplaced)
    {
        var (first, second) = (Cooling(Enum.Parse<Verdict>(before)), Cooling(Enum.Parse<Verdict>(after)));
        _models.Set(Embedding("m"), CallKinds.Of(CallKind.Embed), first);
        _models.Set(Chat("m"), CallKinds.Of(CallKind.Generate, CallKind.Embed), second);

        Assert.Same(second, _models[Chat("m")]);
        Assert.Same(isReplaced ? second : first, _models[Embedding("m")]);
    }

    [Fact]
    public void Set_TheKindThatWasRefusedRestsAlready_TakesTheNews()
    {
        _models.Set(Chat("m"), Chats, Cooling(Verdict.ModelUnavailable));
        _models.Set(Chat("m"), Chats, Cooling(Verdict.QuotaUnknown));

        Assert.Equal(Verdict.QuotaUnknown, _models[Chat("m")]!.Cause);
    }

    [Fact]
    public void Remove_OneKindServes_EndsWhatItShares()
    {
        _models.Set(Chat("m"), CallKinds.Of(CallKind.Generate, CallKind.OpenAi), Cooling(Verdict.QuotaUnknown));
        _models.Set(Embedding("m"), CallKinds.Of(CallKind.Embed), Cooling(Verdict.QuotaUnknown));

        Assert.True(_models.Remove(new CallScope(CallKind.OpenAi, "m")));

        Assert.Equal((null, null), (_models[Chat("m")], _models[new CallScope(CallKind.OpenAi, "m")]));
        Assert.NotNull(_models[Embedding("m")]);
        Assert.Equal(1, _models.Count);
        Assert.False(_models.Remove(Chat("m")));
        Assert.False(_models.Remove(Chat("another")));

        Assert.True(_models.Remove(Embedding("m")));
        Assert.Equal(0, _models.Count);
    }

    [Fact]
    public void IsAnyRunning_SomeHaveEnded_IsTrueUntilAllHave()
    {
        Assert.False(_models.IsAnyRunning);
        _models.Set(Chat("short"), Chats, Cooling(Verdict.QuotaUnknown));
        _models.Set(Chat("long"), Chats, Cooling(Verdict.ModelUnavailable));
        _time.Advance(TimeSpan.FromSeconds(6));

        Assert.True(_models.IsAnyRunning);
        Assert.Equal("long", Assert.Single(_models.AllRunning()).Model);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(_models.IsAnyRunning);
        Assert.Empty(_models.AllRunning());
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

    private static CallKinds Chats => CallKinds.Of(CallKind.Generate);

    private static CallScope Embedding(string model) => new(CallKind.Embed, model);

    private Cooldown Cooling(Verdict verdict) => Cooldown.Begin(verdict, new UpstreamFailure(429, UpstreamError.Unreadable), RefusalScope.Model, strikes: 1, epoch: 1, _time);
}
