using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>The list of leaked keys: each hash in it counts, and a list that holds none is not taken for an empty one.</summary>
internal static class LeakedListTarget
{
    private const int OfHash = 64;

    public static void Run(byte[] input)
    {
        var text = FuzzInput.Text(input);
        var hashes = Hashes(text);
        var list = LeakedKeys.Parse(text);
        if (list is null)
        {
            Promise.That(hashes.Count == 0 && !string.IsNullOrWhiteSpace(text), "Only a text without a hash can't be read.");
            return;
        }

        Promise.Same(hashes.Count, list.Count, "Each hash counts once.");
        Promise.That(hashes.All(list.Contains), "A hash that is in the text is in the list.");
        var hash = LeakedKeys.HashOf(FakeKeys.First);
        var longer = list.With(FakeKeys.First);
        var again = LeakedKeys.Parse(longer)!;
        Promise.That(again.Contains(FakeKeys.First) && hashes.All(again.Contains), "A list with one more key holds it and all the others.");
        Promise.Same(longer, again.With(hash), "The same list is the same text.");
        Promise.Same(again.Count, LeakedKeys.AllOf([again, list]).Count, "Two lists are one.");
    }

    private static HashSet<string> Hashes(string text)
    {
        HashSet<string> found = new(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (at < text.Length && char.IsAsciiHexDigit(text[at]))
            {
                at++;
            }

            if (at - start == OfHash)
            {
                found.Add(text[start..at]);
            }

            at++;
        }

        return found;
    }
}
