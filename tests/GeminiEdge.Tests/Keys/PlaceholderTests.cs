using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

/// <summary>What manuals, samples and colleagues write where a key should stand.</summary>
public class PlaceholderTests
{
    [Theory]
    [InlineData("put a key here")]
    [InlineData("enter-an-api-key")]
    [InlineData("REPLACE_THIS")]
    [InlineData("replace-that")]
    [InlineData("put-it-in-the-env")]
    [InlineData("paste-me-here")]
    [InlineData("replace by the actual value")]
    [InlineData("your own secret")]
    [InlineData("insert-first-key")]
    [InlineData("insert-second-key")]
    [InlineData("insert-third-key")]
    [InlineData("your_key_one")]
    [InlineData("your_key_two")]
    [InlineData("add key to use")]
    [InlineData("paste from AI Studio")]
    [InlineData("example for Gemini")]
    [InlineData("your copy of the key")]
    [InlineData("please type your token")]
    [InlineData("set your text")]
    [InlineData("place your string")]
    [InlineData("YOUR_GOOGLE_KEYS")]
    [InlineData("your generative language key")]
    [InlineData("your-upstream-primary-key")]
    [InlineData("your standby key")]
    [InlineData("your backup key")]
    [InlineData("your old key")]
    [InlineData("your env variable")]
    [InlineData("put-xxx-here")]
    public void Is_WordsThatTellWhatToDo_IsOne(string value) => Assert.True(Placeholder.Is(value));

    [Theory]
    [InlineData("your-first-keyx")]
    [InlineData("qyour-first-key")]
    [InlineData("yours-truly")]
    [InlineData("the-first-key-of-two")]
    [InlineData("")]
    public void Is_MoreThanSuchWordsOrNoneThatTells_IsNot(string value) => Assert.False(Placeholder.Is(value));

    [Theory]
    [InlineData("", true)]
    [InlineData("a", false)]
    public void Is_OfAHundredCharactersOrOneMore_IsToTheHundredth(string more, bool expected) =>
        Assert.Equal(expected, Placeholder.Is("your" + more + string.Concat(Enumerable.Repeat("key", 32))));
}
