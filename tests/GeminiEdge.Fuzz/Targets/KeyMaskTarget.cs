using System.Net;
using System.Text.RegularExpressions;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>A text in which keys stand in any spelling: none is left in it, in pieces as at once, and nothing else is changed.</summary>
internal static partial class KeyMaskTarget
{
    private static readonly KeyMask Mask = Learned();

    public static void Run(byte[] input)
    {
        var masked = (byte[])input.Clone();
        var found = Mask.Clean(masked);
        Promise.Same(input.Length, masked.Length, "Masking keeps the length.");
        Promise.Same(found, !masked.AsSpan().SequenceEqual(input), "What is said to be masked is.");
        Promise.That(input.Zip(masked).All(pair => pair.First == pair.Second || pair.Second == (byte)'*'), "Masking writes nothing but stars.");
        CheckSpellings(FuzzInput.Letters(masked));
        CheckPieces(input, masked);
        CheckText(FuzzInput.Text(input));
    }

    private static void CheckSpellings(string text)
    {
        Promise.That(!FakeKeys.AreIn(text), "No key is left as it is written.");
        Promise.That(text.AsSpan().ContainsAny('\\', '%', '&') || !FakeKeys.AreIn(text.Replace("\0", "", StringComparison.Ordinal)), "No key is left with two or four bytes a letter.");
        Promise.That(!FakeKeys.AreIn(Escape().Replace(text, Letter)), "No key is left with JSON's escapes.");
        Promise.That(!FakeKeys.AreIn(Uri.UnescapeDataString(text)), "No key is left with a URL's escapes.");
        Promise.That(!FakeKeys.AreIn(Entity().Replace(text, match => WebUtility.HtmlDecode(match.Value))), "No key is left with HTML's escapes.");
    }

    private static void CheckPieces(byte[] input, byte[] masked)
    {
        var random = new Random(FuzzInput.Seed(input));
        var copy = new MaskingCopy(Mask);
        List<byte> inPieces = [];
        for (var at = 0; at < input.Length;)
        {
            var size = Math.Min(input.Length - at, 1 + random.Next(1 << random.Next(1, 9)));
            inPieces.AddRange(copy.Next(input.AsSpan(at, size)));
            at += size;
        }

        inPieces.AddRange(copy.Next([]));
        Promise.Same(masked.Length, inPieces.Count, "Masking in pieces keeps the length.");
        CheckSpellings(FuzzInput.Letters([.. inPieces]));
    }

    private static void CheckText(string text)
    {
        var clean = Mask.Clean(text);
        Promise.That(!FakeKeys.AreIn(clean), "No key is left in a text.");
        Promise.Same(clean, Mask.Clean(clean), "Masking once is enough.");
    }

    private static string Letter(Match match) => ((char)Convert.ToUInt16(match.Groups[1].Value, 16)).ToString();

    private static KeyMask Learned()
    {
        var mask = new KeyMask();
        mask.Learn([FakeKeys.First, FakeKeys.Second]);
        return mask;
    }

    [GeneratedRegex(@"\\[uU]([0-9a-fA-F]{4})|\\[xX](?<1>[0-9a-fA-F]{2})", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();

    // Longer ones are not looked for.
    [GeneratedRegex("&#([0-9]{1,13}|[xX][0-9a-fA-F]{1,12});", RegexOptions.CultureInvariant)]
    private static partial Regex Entity();
}
