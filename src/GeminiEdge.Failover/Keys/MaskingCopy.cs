namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Masks a text that arrives in pieces: the last seven bytes of each piece wait for the next, because a run may
/// begin in one and end in the other.
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
        var final = piece.IsEmpty ? text.Length : Math.Max(0, text.Length - (KeyMask.RunLength - 1));
        var result = text.AsSpan(0, final).ToArray();
        for (var start = 0; start < final; start++)
        {
            if (mask.IsRun(text, start))
            {
                _maskedAhead = KeyMask.RunLength;
            }

            if (_maskedAhead > 0)
            {
                result[start] = KeyMask.Mask;
                _maskedAhead--;
            }
        }

        _pending = text[final..];
        return result;
    }
}
