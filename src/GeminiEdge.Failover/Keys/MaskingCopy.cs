namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Masks a text that arrives in pieces: the end of each piece waits for the next, because a run may begin in one and end in
/// the other.
/// </summary>
internal sealed class MaskingCopy(KeyMask mask)
{
    private byte[] _pending = [];
    private int _maskedAhead;

    /// <summary>Takes the next piece; an empty one ends the text.</summary>
    /// <returns>What can go out now.</returns>
    public byte[] Next(ReadOnlySpan<byte> piece)
    {
        byte[] text = [.. _pending, .. piece];
        var final = piece.IsEmpty ? text.Length : Math.Max(0, text.Length - KeyMask.LongestRun);
        var result = text.AsSpan(0, final).ToArray();
        var maskedUntil = _maskedAhead;
        result.AsSpan(0, Math.Min(final, maskedUntil)).Fill(KeyMask.Mask);
        foreach (var (start, end) in mask.Runs(text))
        {
            if (start < final)
            {
                result.AsSpan(start, Math.Min(final, end) - start).Fill(KeyMask.Mask);
                maskedUntil = Math.Max(maskedUntil, end);
            }
        }

        (_pending, _maskedAhead) = (text[final..], Math.Max(0, maskedUntil - final));
        return result;
    }
}
