using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

public class ApiKeyTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(1024)]
    public void Create_OfTheShortestAndTheLongestLength_IsAKey(int length) => Assert.Equal(new string('k', length), ApiKey.Create(new string('k', length)).Key!.Reveal());

    [Theory]
    [InlineData(15, "is shorter than 16 characters")]
    [InlineData(1025, "is longer than 1024 characters")]
    public void Create_OneMoreOrLess_IsRefused(int length, string refusal)
    {
        var (key, said) = ApiKey.Create(new string('k', length));

        Assert.Null(key);
        Assert.StartsWith(refusal, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n")]
    public void Create_OfNothing_IsTooShort(string value) => Assert.StartsWith("is shorter than", ApiKey.Create(value).Refusal, StringComparison.Ordinal);

    [Theory]
    [InlineData("!key-of-each-end~", true)]
    [InlineData("a-key-with a-space", false)]
    [InlineData("a-key-with\u007fdelete", false)]
    [InlineData("a-key-with-an-é-in-it", false)]
    public void Create_CharactersOfAsciiThatShow_AreThoseOfKeys(string value, bool accepted) => Assert.Equal(accepted, ApiKey.Create(value).Key is not null);

    // One on a command line stands in the shell's history and in the list of processes.
    [Theory]
    [InlineData("sk-0123456789abcdef", true)]
    [InlineData("'sk-0123456789abcdef'", true)]
    [InlineData("GEMINI_API_KEY=sk-0123456789abcdef", true)]
    [InlineData("--key=sk-0123456789abcdef", true)]
    [InlineData("sk-0123456789abcdef==", true)]
    [InlineData("--key='sk-0123456789abcdef'", true)]
    [InlineData("-sk-0123456789abcdef", false)]
    [InlineData("--a-long-option-of-edgectl", false)]
    [InlineData("--key=--another-long-option", false)]
    [InlineData("--key=", false)]
    [InlineData("https://vault.of-an-edge.example", false)]
    [InlineData("--vault=https://vault.of-an-edge.example", false)]
    [InlineData("SECONDARY", false)]
    [InlineData("", false)]
    public void IsIn_AnArgument_SaysWhetherAKeyStandsThere(string argument, bool expected) => Assert.Equal(expected, PastedKey.IsIn(argument));

    [Fact]
    public void Random_AThousandTimes_IsFromZeroUpToOneAndSpread()
    {
        var drawn = Enumerable.Range(0, 1_000).Select(_ => Jitters.Random()).ToList();

        Assert.All(drawn, value => Assert.True(value is >= 0 and < 1, $"{value}"));
        Assert.True(drawn.Max() - drawn.Min() > 0.5);
    }
}
