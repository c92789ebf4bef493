using GeminiEdge.Cli;

namespace GeminiEdge.Tests.Cli;

public class SuggestionTests
{
    private static readonly string[] Known = ["keys", "probe", "set", "fleet", "confirm", "watch", "rotate", "promote", "rollback", "purge", "leak", "issue", "retire", "drill", "help"];

    [Theory]
    [InlineData("promot", "promote")]
    [InlineData("promtoe", "promote")]
    [InlineData("PROMOTE", "promote")]
    [InlineData("rotate-all", "rotate")]
    [InlineData("kyes", "keys")]
    [InlineData("lek", "leak")]
    [InlineData("conf", "confirm")]
    [InlineData("roll-back", "rollback")]
    [InlineData("deploy", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    [InlineData("AIzaSyD-0neKeyOnItsOwnLine_1234567890", null)]
    [InlineData("promote-promote-promote-promote-promote-promote", null)]
    public void Suggestion_OfAMistypedName_IsTheNearestKnownOne(string typed, string? meant) => Assert.Equal(meant, Suggestion.For(typed, Known));
}
