using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

public class LeakedKeysTests
{
    // printf %s the-first-leaked-key | sha256sum
    private const string FirstHash = "1899f16ecb566f8107ce7f27761a3fbadd2c838ca48c271519ed3c971a50bb7c";
    private static readonly ApiKey First = ApiKey.Create("the-first-leaked-key").Key!;
    private static readonly ApiKey Second = ApiKey.Create("the-second-leaked-key").Key!;

    [Fact]
    public void Hash_OfAKey_IsTheSha256OfItsValue() => Assert.Equal(FirstHash, LeakedKeys.HashOf(First));

    [Theory]
    [InlineData("{0}")]
    [InlineData("  {0}\n")]
    [InlineData("# leaked on 3 March\n{0}, 0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("[\"{0}\"]")]
    public void List_InAnyLayout_HoldsItsKeys(string layout)
    {
        foreach (var hash in new[] { FirstHash, FirstHash.ToUpperInvariant() })
        {
            var leaked = LeakedKeys.Parse(layout.Replace("{0}", hash, StringComparison.Ordinal))!;

            Assert.True(leaked.Contains(First));
            Assert.False(leaked.Contains(Second));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("none")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public void List_WithoutTheHash_HoldsNothing(string text) => Assert.False(LeakedKeys.Parse(text)!.Contains(First));

    [Theory]
    [InlineData("the-first-leaked-key")]
    [InlineData(FirstHash + "0")]
    [InlineData("18:99:f1:6e")]
    public void List_OfSomethingElse_IsNotTakenForAnEmptyOne(string text) => Assert.Null(LeakedKeys.Parse(text));

    [Fact]
    public void With_KeysInAnyOrder_IsTheSameSortedText()
    {
        var hashes = new[] { LeakedKeys.HashOf(First), LeakedKeys.HashOf(Second) }.Order(StringComparer.Ordinal);

        Assert.Equal(string.Join('\n', hashes), LeakedKeys.Parse(LeakedKeys.None.With(First))!.With(Second));
        Assert.Equal(string.Join('\n', hashes), LeakedKeys.Parse(LeakedKeys.None.With(Second).ToUpperInvariant())!.With(First));
    }

    [Fact]
    public void With_AnotherKey_KeepsTheOnesThereAndAddsNoneTwice()
    {
        var once = LeakedKeys.Parse(LeakedKeys.None.With(First))!;
        var both = LeakedKeys.Parse(once.With(Second))!;

        Assert.True(both.Contains(First) && both.Contains(Second));
        Assert.Equal(both.With(First), both.With(Second));
    }
}
