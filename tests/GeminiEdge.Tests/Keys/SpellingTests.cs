using System.Text;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

public class SpellingTests
{
    [Theory]
    [InlineData("A", 'A', 1)]
    [InlineData(@"\u0041", 'A', 6)]
    [InlineData(@"\U004a", 'J', 6)]
    [InlineData(@"\u004Abc", 'J', 6)]
    [InlineData(@"\x41", 'A', 4)]
    [InlineData(@"\X7E", '~', 4)]
    [InlineData("%41", 'A', 3)]
    [InlineData("%7e1", '~', 3)]
    [InlineData("&#65;", 'A', 5)]
    [InlineData("&#5;", '\u0005', 4)]
    [InlineData("&#x41;", 'A', 6)]
    [InlineData("&#X7e;", '~', 6)]
    [InlineData("&#0000000000065;", 'A', 16)]
    public void Next_LetterInAnySpelling_IsReadAsWhatItStandsFor(string text, char letter, int length) => Assert.Equal(((byte?)letter, length), Next(text));

    [Theory]
    [InlineData(@"\u004")]
    [InlineData(@"\u00g1")]
    [InlineData(@"\x4")]
    [InlineData(@"\n41")]
    [InlineData(@"\")]
    [InlineData("\0A")]
    public void Next_NoLetterBegins_IsPassedOver(string text) => Assert.Equal((null, 1), Next(text));

    [Theory]
    [InlineData("%4")]
    [InlineData("%4g")]
    [InlineData("%")]
    [InlineData("&amp;")]
    [InlineData("&#;")]
    [InlineData("&#65")]
    [InlineData("&#x;")]
    [InlineData("&#6 5;")]
    [InlineData("&#65a;")]
    [InlineData("&#x4g;")]
    [InlineData("&#99999999999;")]
    [InlineData("&#00000000000065;")]
    [InlineData("&x65;")]
    [InlineData("&")]
    public void Next_WhatOnlyLooksLikeASpelling_IsItself(string text) => Assert.Equal(((byte?)text[0], 1), Next(text));

    // No key has such letters, and none of them may join what stands around it.
    [Theory]
    [InlineData(@"\u0000", 6)]
    [InlineData(@"\u0080", 6)]
    [InlineData(@"\u4141", 6)]
    [InlineData("%00", 3)]
    [InlineData("%80", 3)]
    [InlineData("&#128;", 6)]
    [InlineData("&#16705;", 8)]
    public void Next_LetterOfNoKey_IsALetterOfNoKey(string text, int length)
    {
        var (letter, read) = Next(text);

        Assert.Equal((true, length), (letter < (byte)' ', read));
    }

    [Theory]
    [InlineData(@"a\", true)]
    [InlineData("%a", true)]
    [InlineData("a&b", true)]
    [InlineData("a\0b", true)]
    [InlineData("a letter is itself; so is #65", false)]
    [InlineData("", false)]
    public void IsIn_SaysWhetherItMustBeReadLetterByLetter(string text, bool expected) => Assert.Equal(expected, Spelling.IsIn(Encoding.ASCII.GetBytes(text)));

    private static (byte? Letter, int Length) Next(string text)
    {
        var at = 2;
        var letter = Spelling.Next(Encoding.ASCII.GetBytes("??" + text), ref at);
        return (letter, at - 2);
    }
}
