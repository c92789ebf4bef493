namespace GeminiEdge.Cli;

/// <summary>What somebody may have meant who has mistyped a name: a known name, never what was typed, which may be a key.</summary>
internal static class Suggestion
{
    /// <summary>So many letters of a name may be wrong, one in three.</summary>
    private const int Share = 3;

    /// <summary>Longer than any name, mistyped or not.</summary>
    private const int Most = 32;

    /// <summary>A name that is typed with more behind it, or without its end, has this many letters right.</summary>
    private const int LeastBeginning = 3;

    /// <returns>The nearest of the known names; null where none is near.</returns>
    public static string? For(string typed, IEnumerable<string> known)
    {
        if (typed.Length > Most)
        {
            return null;
        }

        var word = typed.ToLowerInvariant();
        var near = known.Select(name => (Name: name, Distance: Distance(word, name)))
            .Where(candidate => candidate.Distance <= Math.Max(1, candidate.Name.TrimStart('-').Length / Share) || Begins(word, candidate.Name))
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .ToList();
        return near is [var (name, _), ..] ? name : null;
    }

    private static bool Begins(string word, string name) =>
        Math.Min(word.TrimStart('-').Length, name.TrimStart('-').Length) >= LeastBeginning
        && (name.StartsWith(word, StringComparison.Ordinal) || word.StartsWith($"{name}-", StringComparison.Ordinal));

    /// <summary>How many letters are missing, too many, wrong, or have changed places with their neighbour.</summary>
    private static int Distance(string one, string other)
    {
        var distances = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                distances[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1,
                    distances[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    distances[i, j] = Math.Min(distances[i, j], distances[i - 2, j - 2] + 1);
                }
            }
        }

        return distances[one.Length, other.Length];
    }
}
