using GeminiEdge.Access;

namespace GeminiEdge.Tests.Access;

public class PresentedKeysTests
{
    [Theory]
    [InlineData(15, false)]
    [InlineData(16, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Parse_Length_IsBetween16And256(int length, bool isOne)
    {
        var key = new string('k', length);

        var (keys, refusal) = PresentedKeys.Parse(key);

        Assert.Equal(isOne, refusal is null);
        Assert.Equal(isOne, keys.Contains(key));
        Assert.Equal(!isOne, keys.IsEmpty);
    }

    // An operator with many keys has to know which one it is, and may not be shown it.
    [Fact]
    public void Parse_WeakKeyAmongOthers_IsNamedByItsPlace()
    {
        var refusal = PresentedKeys.Parse($"{new string('a', 20)}, {new string('b', 20)}, too-short, {new string('c', 20)}").Refusal;

        Assert.Contains("number 3 of 4", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("too-short", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a key with blanks in it")]
    [InlineData("a-key-with-\u0001-in-it")]
    [InlineData("a-key-with-\u007f-in-it")]
    [InlineData("a-key-with-é-in-it")]
    public void Parse_CharacterThatNoHeaderCarries_IsRefused(string setting)
    {
        var (keys, refusal) = PresentedKeys.Parse($"{setting},a-good-key-of-callers");

        Assert.Equal("holds a key that is longer than 256 characters or has a space or a character outside ASCII in it", refusal);
        Assert.True(keys.IsEmpty);
    }

    [Theory]
    [InlineData("!!!!!!!!!!!!!!!!")]
    [InlineData("~~~~~~~~~~~~~~~~")]
    [InlineData("AaZz09+/=._-{}[]()'\"&%$?")]
    public void Parse_AnyPrintableCharacter_IsPartOfAKey(string key) => Assert.True(PresentedKeys.Parse(key).Keys.Contains(key));

    // Keys are compared in steps of 64 characters.
    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(255)]
    public void Contains_KeyOfAnyLength_IsKnownAndItsNeighboursAreNot(int length)
    {
        var key = new string('k', length - 1) + "y";
        var keys = PresentedKeys.Parse($"another-key-of-callers,{key}").Keys;

        Assert.True(keys.Contains(key));
        Assert.True(keys.Contains("another-key-of-callers"));
        Assert.False(keys.Contains(key.AsSpan(0, length - 1)));
        Assert.False(keys.Contains(key.AsSpan(1)));
        Assert.False(keys.Contains(key + "y"));
        Assert.False(keys.Contains(new string('k', length)));
        Assert.False(keys.Contains(new string('k', 300)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Contains_KeyIsWrittenMoreThanOnce_IsKnown(int times)
    {
        const string Key = "a-key-of-some-caller";
        var keys = PresentedKeys.Parse(string.Join(',', Enumerable.Repeat(Key, times))).Keys;

        Assert.True(keys.Contains(Key));
        Assert.False(keys.Contains("a-key-of-some-other"));
    }

    [Fact]
    public void Contains_NoKeys_IsFalse()
    {
        Assert.False(PresentedKeys.None.Contains("anything"));
        Assert.False(PresentedKeys.None.Contains(""));
        Assert.False(PresentedKeys.Parse("a-key-of-some-caller").Keys.Contains(""));
    }
}
