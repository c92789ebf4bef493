using System.Collections.Immutable;
using GeminiEdge.Failover.Models;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Models;

/// <summary>Models that go, and models that are gone.</summary>
public class ModelEndTests
{
    private const string Model = "gemini-2.5-flash";
    private const string Key = "000a";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly ModelMemory _memory;

    public ModelEndTests() => _memory = new ModelMemory(ModelPins.None, _time);

    [Fact]
    public void Model_AnsweredWithinADayAndIsMissing_IsToldOnceNamingTheFallback()
    {
        Answer();
        _time.Advance(TimeSpan.FromHours(24));

        Assert.Equal(new ModelRetired(Model, Key, "gemini-3.8-flash", 404), Miss("gemini-3.8-flash"));
        Assert.Null(Miss("gemini-3.8-flash"));
    }

    [Fact]
    public void Model_WithoutAFallback_SaysSo()
    {
        Answer();

        Assert.Equal(new ModelRetired(Model, Key, null, 404), Miss(null));
    }

    [Fact]
    public void Model_AnsweredLongerAgo_IsNoNews()
    {
        Answer();
        _time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));

        Assert.Null(Miss(null));
    }

    [Fact]
    public void Model_NeverAnswered_IsNoNews()
    {
        Assert.Null(Miss(null));
        Assert.Equal(0, _memory.Count);
    }

    // A model that generates embeds nothing, and one of v1beta need not be in v1: Google says "not found" to both.
    [Theory]
    [InlineData("/v1/models/x:generateContent", "generateContent", false)]
    [InlineData("/v1beta/models/x:embedContent", "embedContent", false)]
    [InlineData("/v1beta/models/x:generateContent", "generateContent", true)]
    public void Model_AskedForOtherwiseThanItAnswered_IsNoNews(string path, string method, bool isNews)
    {
        Answer();

        Assert.Equal(isNews, _memory.Missing(new ModelCall(Model, method, path), null, Key, 404) is not null);
    }

    [Fact]
    public void Model_ThatComesAndGoes_IsToldOnceADay()
    {
        var told = 0;
        for (var hour = 0; hour < 72; hour++)
        {
            Answer();
            told += Miss(null) is null ? 0 : 1;
            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(3, told);
    }

    [Fact]
    public void Model_ThatGoogleSaysGoes_IsToldOnceADay()
    {
        var status = """{"modelStage":"LEGACY","message":"x","retirementTime":"2026-12-01T00:00:00Z"}""";

        Assert.Equal([new ModelRetiring(Model, Key, "gemini-2.5-flash", new ModelStatus(ModelStage.Legacy, new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero)))], Answer(status));
        Assert.Empty(Answer(status));
        _time.Advance(TimeSpan.FromHours(23));
        Assert.Empty(Answer(status));
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Single(Answer(status));
    }

    [Theory]
    [InlineData("""{"modelStage":"STABLE"}""", false)]
    [InlineData("""{"modelStage":"PREVIEW","retirementTime":"2027-05-07T00:00:00Z"}""", false)]
    [InlineData("""{"modelStage":"STABLE","retirementTime":"2027-01-23T12:00:00Z"}""", true)]
    [InlineData("""{"modelStage":"STABLE","retirementTime":"2027-01-23T12:00:01Z"}""", false)]
    [InlineData("""{"retirementTime":"2026-01-01T00:00:00Z"}""", true)]
    [InlineData("""{"modelStage":"DEPRECATED"}""", true)]
    [InlineData("""{"modelStage":"RETIRED"}""", true)]
    [InlineData("""{"modelStage":"legacy"}""", false)]
    [InlineData("""{"modelStage":{"modelStage":"LEGACY"},"retirementTime":[1]}""", false)]
    [InlineData("""{"modelStage":7,"retirementTime":"soon"}""", false)]
    [InlineData("""{"modelStage":"\ud800"}""", false)]
    [InlineData("{}", false)]
    public void Status_IsNewsWhereTheEndIsNear(string status, bool isNews) => Assert.Equal(isNews, !Answer(status).IsEmpty);

    private ImmutableArray<ModelNews> Answer(string? status = null)
    {
        // As AnswerPiece marks it: the answer goes on behind the status.
        var json = System.Text.Encoding.UTF8.GetBytes($$"""{"modelVersion":"{{Model}}","modelStatus":{{status ?? "{}"}},"responseId":"x"}""");
        var mark = new ModelMark { Version = (17, Model.Length), StatusAt = status is null ? 0 : 17 + Model.Length + 16 };
        Assert.True(status is null || json[mark.StatusAt] == '{');
        return _memory.Answered(Call(), _memory.Read(Model, isOpenAi: false, default, mark, json), Key);
    }

    private ModelRetired? Miss(string? fallback) => _memory.Missing(Call(), fallback, Key, 404);

    private static ModelCall Call() => new(Model, "generateContent", $"/v1beta/models/{Model}:generateContent");
}
