using System.Text;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What a piece of an answer will be, told from the little of it that has arrived.</summary>
internal static class PieceBeginning
{
    // What the objects of an answer begin with, and no error does.
    private static readonly byte[][] AnswerNames =
    [
        .. new[] { "candidates", "usageMetadata", "modelVersion", "responseId", "promptFeedback", "choices" }
            .Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>It begins as the objects of an answer do.</summary>
    public static bool IsAnswer(ReadOnlySpan<byte> piece)
    {
        var name = FirstName(piece);
        foreach (var known in AnswerNames)
        {
            if (name.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>It begins as an error does, by its first name or the event's.</summary>
    public static bool IsError(ReadOnlySpan<byte> piece) =>
        FirstName(piece).SequenceEqual("error"u8) || piece.StartsWith("event: error"u8) || piece.StartsWith("event:error"u8);

    /// <summary>The name of the first property of an object that is arriving; empty while it isn't there.</summary>
    private static ReadOnlySpan<byte> FirstName(ReadOnlySpan<byte> piece)
    {
        // An event may be named, or numbered, before its data.
        while (piece is [not (byte)'{', ..] && !piece.StartsWith("data:"u8) && piece.IndexOf((byte)'\n') is >= 0 and var end)
        {
            piece = piece[(end + 1)..];
        }

        piece = piece.StartsWith("data:"u8) ? piece["data:".Length..] : piece;
        piece = piece.TrimStart(" \t\r\n"u8);
        piece = piece is [(byte)'{', ..] ? piece[1..].TrimStart(" \t\r\n"u8) : default;
        return piece is [(byte)'"', .. var rest] && rest.IndexOf((byte)'"') is > 0 and var close ? rest[..close] : default;
    }
}
