using System.Text;
using CsCheck;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

public class KeyMaskTests
{
    private const string KeyCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-=";

    private static readonly Gen<string> Key = Gen.Char[KeyCharacters].Array[16, 60].Select(characters => new string(characters));

    [Theory]
    [InlineData("API key sk-0123456789abcdef is bad", "API key ******************* is bad")]
    [InlineData("the piece 23456789 alone", "the piece ******** alone")]
    [InlineData("the piece 2345678 is too short", "the piece 2345678 is too short")]
    [InlineData("sk-0123456789abcdefsk-0123456789abcdef", "**************************************")]
    [InlineData("", "")]
    public void Clean_TextWithKey_MasksRunsOfEightAtEqualLength(string text, string expected) =>
        Assert.Equal(expected, MaskFor("sk-0123456789abcdef").Clean(text));

    [Theory]
    [InlineData("models/client-key-1:generateContent", "models/************:generateContent")]
    [InlineData("client-k is a piece of it", "client-k is a piece of it")]
    [InlineData("short ones hide nothing", "short ones hide nothing")]
    public void Clean_KeyOfACaller_IsMaskedAsAWhole(string text, string expected) =>
        Assert.Equal(expected, new KeyMask("client-key-1", "one").Clean(text));

    [Fact]
    public void Clean_KeyThatLeftTheRing_IsStillMasked()
    {
        var mask = MaskFor("the-first-key-of-all");
        mask.Learn([ApiKey.Create("the-second-key-of-all").Key!]);

        Assert.Equal("******************** *********************", mask.Clean("the-first-key-of-all the-second-key-of-all"));
    }

    [Theory]
    [InlineData("01234567", "********")]
    [InlineData("0123456", "0123456")]
    [InlineData("0123%34567", "**********")]
    [InlineData(@"a\u0030\u0031\u0032\u0033\u0034\u0035\u0036\u0037b", "a************************************************b")]
    [InlineData(@"0\1\2\3\4\5\6\7", "***************")]
    [InlineData("%30%31%32%33%34%35%36", "%30%31%32%33%34%35%36")]
    [InlineData("%30%31%32%33%34%35%36%00%37", "%30%31%32%33%34%35%36%00%37")]
    public void Clean_RunOfExactlyEight_IsMaskedHoweverItIsSpelled(string text, string expected) =>
        Assert.Equal(expected, MaskFor("sk-0123456789abcdef").Clean(text));

    [Fact]
    public void Clean_KeyThatRepeatsItself_IsMasked() => Assert.Equal("****************", MaskFor("0101010101010101").Clean("0101010101010101"));

    [Fact]
    public void Clean_LongText_IsMaskedToItsEnd()
    {
        var before = new string('é', 1_000);

        Assert.Equal($"{before}*******************", MaskFor("sk-0123456789abcdef").Clean($"{before}sk-0123456789abcdef"));
    }

    [Theory]
    [InlineData("sk-0123 and 9abcdef and sk-0123")]
    [InlineData("sk-0123 100 % \\ & more")]
    [InlineData("sk-\u0130\u0131\u0132\u0133\u0134\u0135\u0136\u0137")]
    [InlineData("sk-0123")]
    public void Clean_NothingOfTheKeyInIt_IsTheSameText(string text) => Assert.Same(text, MaskFor("sk-0123456789abcdef").Clean(text));

    [Fact]
    public void Clean_KeyOfACallerOfEightLetters_IsMaskedAndAShorterOneIsNot() =>
        Assert.Equal("******** 1234567", new KeyMask("12345678", "1234567").Clean("12345678 1234567"));

    [Fact]
    public void Clean_AnyTextAroundAnyKey_LeavesTheRestAndNoRunOfTheKey() =>
        Gen.Select(Key, Gen.Char["~#äé漢 \n"].Array[0, 40], Gen.Char["~#äé漢 \n"].Array[0, 40]).Sample((key, before, after) =>
        {
            var cleaned = MaskFor(key).Clean(new string(before) + key + new string(after));

            Assert.Equal(new string(before) + new string('*', key.Length) + new string(after), cleaned);
        });

    [Fact]
    public void Next_TextInAnyPieces_MasksAsIfItWereWhole() =>
        Gen.Select(Key, Gen.Int[1, 90].Array[1, 30], Gen.Int[0, 7]).Sample((key, sizes, cut) =>
        {
            var mask = MaskFor(key);
            var spelled = string.Concat(key.Select((letter, at) => (at % 3) switch
            {
                0 => $"&#{(int)letter:D13};",
                1 => $"\\u{(int)letter:x4}",
                _ => $"{letter}",
            }));
            var text = Encoding.ASCII.GetBytes($"error: {key} and {key[cut..]}{key} then {key[..7]}; {spelled} {key[cut..(cut + 8)]}");
            var expected = text.ToArray();
            mask.Clean(expected);

            var copy = new MaskingCopy(mask);
            var result = new List<byte>();
            var position = 0;
            for (var i = 0; position < text.Length; i++)
            {
                var size = Math.Min(sizes[i % sizes.Length], text.Length - position);
                result.AddRange(copy.Next(text.AsSpan(position, size)));
                position += size;
            }

            result.AddRange(copy.Next([]));
            Assert.Equal(expected, result);
        });

    private static KeyMask MaskFor(string key)
    {
        var mask = new KeyMask();
        mask.Learn([ApiKey.Create(key).Key!]);
        return mask;
    }
}
