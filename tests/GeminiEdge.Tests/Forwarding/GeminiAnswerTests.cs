using System.Text;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Half a surrogate pair costs an answer one letter, wherever it stands.</summary>
public class GeminiAnswerTests
{
    [Theory]
    [InlineData(@"a\ud83d b", "a\ufffd b")]
    [InlineData(@"a\ude00\ude00", "a\ufffd\ufffd")]
    [InlineData(@"\ud83d\ud83d\ude00", "\ufffd😀")]
    [InlineData(@"\ude00\\ud83d\ude00", "\ufffd\\ud83d\ufffd")]
    [InlineData(@"\\\ud83d\\\\ude00", "\\\ufffd\\\\ude00")]
    public void Text_HoldsHalfAPair_LosesThatLetterAlone(string written, string text)
    {
        var answer = Answer($$$"""{"candidates":[{"content":{"parts":[{"text":"{{{written}}}"}]},"finishReason":"STOP"}]}""");

        Assert.Equal((text, "STOP"), (answer?.Text, answer?.FinishReason));
    }

    [Theory]
    [InlineData(@"{""c\udc00ices"":1,""candidates"":[{""content"":{""parts"":[{""text"":""Hello""}]},""finishReason"":""STOP""}]}")]
    [InlineData(@"{""candidates"":[{""content"":{""parts"":[{""text"":""Hello"",""th\ud800ught"":true}],""\ud800art"":0},""finishReason"":""STOP"",""fi\ud800ishReason"":""""}],""\udc00andidates"":1}")]
    public void Name_IsHalfAPair_HidesNothingBesideIt(string json)
    {
        var answer = Answer(json);

        Assert.Equal(("Hello", "STOP"), (answer?.Text, answer?.FinishReason));
    }

    private static GeminiAnswer? Answer(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        Assert.Equal(GeminiAnswer.Read(bytes)?.Text, GeminiAnswer.ReadLarge(bytes) is { WrittenTexts: [] } large ? large.Text : null);
        return GeminiAnswer.Read(bytes);
    }
}
