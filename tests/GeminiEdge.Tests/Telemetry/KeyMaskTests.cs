using System.Text;
using CsCheck;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Telemetry;

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
            var text = Encoding.ASCII.GetBytes($"error: {key} and {key[cut..]}{key} then {key[..7]}; {key[cut..(cut + 8)]}");
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
