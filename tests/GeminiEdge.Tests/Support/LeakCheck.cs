namespace GeminiEdge.Tests.Support;

/// <summary>
/// Searches texts for pieces of keys. The pieces are shorter than the ones that are masked: an upstream that quotes a
/// key quotes all of it, and then nothing may be left of it but the last four characters.
/// </summary>
internal sealed class LeakCheck
{
    private const int PieceLength = 5;
    private readonly HashSet<string> _pieces;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public LeakCheck(IEnumerable<string> keys)
    {
        // What any text may hold by chance (what names are made of) has to be longer to count.
        _pieces = [.. keys.SelectMany(key => Pieces(key, PieceLength).Where(piece => !piece.All(IsOfNames)).Concat(Pieces(key, 8)))];
        _lookup = _pieces.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Where the first piece was found.</summary>
    public string? Found { get; private set; }

    public void Check(string where, string text)
    {
        for (var start = 0; start + PieceLength <= text.Length && Found is null; start++)
        {
            if (_lookup.Contains(text.AsSpan(start, PieceLength)) || (start + 8 <= text.Length && _lookup.Contains(text.AsSpan(start, 8))))
            {
                Found = $"{where} holds a piece of a key: {text}";
            }
        }
    }

    private static bool IsOfNames(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.';

    private static IEnumerable<string> Pieces(string key, int length) =>
        Enumerable.Range(0, key.Length - length + 1).Select(start => key.Substring(start, length));
}
