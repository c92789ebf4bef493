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
}
