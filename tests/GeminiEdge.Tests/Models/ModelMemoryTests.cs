using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using GeminiEdge.Failover.Models;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Models;

public class ModelMemoryTests
{
    private const string Alias = "gemini-flash-latest";
    private const string Key = "000a";

    private readonly FakeTimeProvider _time = new();
    private readonly ModelMemory _memory;

    public ModelMemoryTests() => _memory = Memory();

    [Fact]
    public void Version_TheFirstAndTheSameAgain_AreNoNews()
    {
        Assert.Empty(Answer("gemini-3.7-flash"));
        Assert.Empty(Answer("gemini-3.7-flash"));
    }

    [Fact]
    public void Version_Another_IsToldOnce()
    {
        Answer("gemini-3.7-flash");

        Assert.Equal([new ModelChanged(Alias, Key, "gemini-3.7-flash", "gemini-3.8-flash")], Answer("gemini-3.8-flash"));
        Assert.Empty(Answer("gemini-3.8-flash"));
    }

    [Fact]
    public void Version_OfAnotherModel_IsNoChange()
    {
        Answer("gemini-3.7-flash");

        Assert.Empty(Answer("gemini-3.1-pro", model: "gemini-pro-latest"));
    }

    // Twelve hours of both versions, an answer a minute.
    [Fact]
    public void Version_FlipsWhileAnAliasMoves_IsOneChange()
    {
        Answer("gemini-3.7-flash");
        var told = new List<ModelNews>();
        for (var minute = 0; minute < 720; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            told.AddRange(Answer(minute % 2 == 0 ? "gemini-3.8-flash" : "gemini-3.7-flash"));
        }

        Assert.Equal([new ModelChanged(Alias, Key, "gemini-3.7-flash", "gemini-3.8-flash")], told);
    }

    [Fact]
    public void Version_TakenBack_IsAnotherChangeWhenTheNewOneHasGone()
    {
        Answer("gemini-3.7-flash");
        Answer("gemini-3.8-flash");
        _time.Advance(KnownModel.Gone);
        Assert.Empty(Answer("gemini-3.7-flash"));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([new ModelChanged(Alias, Key, "gemini-3.8-flash", "gemini-3.7-flash")], Answer("gemini-3.7-flash"));
        Assert.Empty(Answer("gemini-3.7-flash"));
    }

    [Fact]
    public void Versions_NewOnesAllTheTime_AreToldOnceAMinute_AndWhatWasHeldBackAfterwards()
    {
        Answer("v-0");
        var told = new List<ModelNews>();
        for (var second = 1; second <= 120; second++)
        {
            told.AddRange(Answer($"v-{second}"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([new ModelChanged(Alias, Key, "v-0", "v-1"), new ModelChanged(Alias, Key, "v-1", "v-61")], told);
        Assert.Equal([new ModelChanged(Alias, Key, "v-61", "v-120")], Answer("v-120"));
    }

    [Fact]
    public void Pin_Broken_IsToldOncePerVersion_AndAgainWhenItWasMended()
    {
        Assert.Empty(Answer("gemini-3.7-flash", model: "pinned"));
        Assert.Equal([new ModelPinBroken("pinned", Key, "gemini-3.7-flash", "gemini-3.8-flash"), new ModelChanged("pinned", Key, "gemini-3.7-flash", "gemini-3.8-flash")], Answer("gemini-3.8-flash", model: "pinned"));
        Assert.Empty(Answer("gemini-3.8-flash", model: "pinned"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([new ModelChanged("pinned", Key, "gemini-3.8-flash", "gemini-3.7-flash")], Answer("gemini-3.7-flash", model: "pinned"));
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Contains(new ModelPinBroken("pinned", Key, "gemini-3.7-flash", "gemini-3.8-flash"), Answer("gemini-3.8-flash", model: "pinned"));
    }

    [Fact]
    public void Pin_BrokenByTheFirstAnswer_IsTold() =>
        Assert.Equal([new ModelPinBroken("pinned", Key, "gemini-3.7-flash", "gemini-3.8-flash")], Answer("gemini-3.8-flash", model: "pinned"));

    [Theory]
    [InlineData("")]
    [InlineData("gemini 3.8")]
    [InlineData("gemini-3.8\u00e9")]
    [InlineData("gemini-3.8\\n")]
    [InlineData("\"")]
    public void Version_ThatNoHeaderCouldHold_IsNone(string version) => Assert.Null(Read(version).Version);

    [Fact]
    public void Version_IsAtMost128Letters()
    {
        Assert.NotNull(Read(new string('v', 128)).Version);
        Assert.Null(Read(new string('v', 129)).Version);
    }

    [Fact]
    public void Version_LosesItsPrefix() => Assert.Equal("gemini-3.8-flash", Read("models/gemini-3.8-flash").Version!.Text);

    // It names the model that was asked for: that is the caller's own word.
    [Theory]
    [InlineData(Alias, null)]
    [InlineData("models/" + Alias, null)]
    [InlineData("gemini-3.8-flash", "gemini-3.8-flash")]
    public void Model_OfOpenAisDialect_CountsWhereItDiffers(string said, string? version)
    {
        var json = Encoding.UTF8.GetBytes(said);

        Assert.Equal(version, _memory.Read(Alias, isOpenAi: true, default, new ModelMark { Name = (0, json.Length) }, json).Version?.Text);
        Assert.Null(_memory.Read(Alias, isOpenAi: false, default, new ModelMark { Name = (0, json.Length) }, json).Version);
    }

    [Fact]
    public void Table_IsBounded_AndForgetsWhatAnsweredLongestAgo()
    {
        Answer("v-1", model: "kept");
        for (var number = 0; number < 2 * ModelMemory.Capacity; number++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Answer("v-1", model: $"model-{number}");
            Answer("v-1", model: "kept");
            Assert.InRange(_memory.Count, 1, ModelMemory.Capacity);
        }

        Assert.Single(Answer("v-2", model: "kept"));
        Assert.Empty(Answer("v-2", model: "model-0"));
    }

    [Theory]
    [InlineData("gemini%2Dflash-latest")]
    [InlineData("gemini flash")]
    public void Model_WrittenInAnotherWay_IsNotRemembered(string model)
    {
        Answer("v-1", model: model);

        Assert.Equal(0, _memory.Count);
    }

    [Fact]
    public void Answers_LikeTheLastOnes_CostNoAllocation()
    {
        Answer("gemini-3.7-flash", model: "pinned");
        Answer("gemini-3.8-flash", model: "pinned");
        byte[][] pieces = ["gemini-3.8-flash"u8.ToArray(), "gemini-3.7-flash"u8.ToArray(), """{"modelStage":"LEGACY"}"""u8.ToArray()];
        Run(1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        // Both versions of an alias that moves, and one that says that it goes.
        void Run(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var mark = new ModelMark { Version = (0, pieces[i % 2].Length) };
                var said = _memory.Read("pinned", isOpenAi: false, default, mark, pieces[i % 2]) with { Status = new ModelStatus(ModelStage.Legacy, null) };
                _memory.Answered(new ModelCall("pinned", "generateContent", "/v1beta/models/pinned:generateContent"), said, Key);
            }
        }
    }

    [Fact]
    public async Task Answers_AtOnce_TellAChangeOnce()
    {
        Answer("v-1");
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var callers = Enumerable.Range(0, 16).Select(async _ =>
        {
            await start.Task;
            return Enumerable.Range(0, 1000).Sum(_ => Answer("v-2").Length);
        }).ToList();
        start.SetResult();

        Assert.Equal(1, (await Task.WhenAll(callers)).Sum());
    }

    private ModelMemory Memory() => new(new Dictionary<string, string> { ["pinned"] = "gemini-3.7-flash" }.ToFrozenDictionary(), _time);

    private ImmutableArray<ModelNews> Answer(string version, string model = Alias) =>
        _memory.Answered(new ModelCall(model, "generateContent", $"/v1beta/models/{model}:generateContent"), Read(version, model), Key);

    private ModelSaid Read(string version, string model = Alias)
    {
        var json = Encoding.UTF8.GetBytes(version);
        return _memory.Read(model, isOpenAi: false, default, new ModelMark { Version = (0, json.Length) }, json);
    }
}
