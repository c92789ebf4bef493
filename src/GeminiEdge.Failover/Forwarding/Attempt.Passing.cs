using System.Buffers;
using System.Collections.Frozen;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// What an answer tells while it passes, and what must not pass in it.
internal sealed partial class Attempt
{
    /// <summary>Character sets in which ASCII is itself, or itself in two or four bytes.</summary>
    private static readonly FrozenSet<string> Searchable = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "utf-8", "utf8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be");

    private bool _saidEnd;

    /// <summary>Keys can be found in its body: it is neither compressed nor in an alphabet of its own.</summary>
    public bool CanBeSearched =>
        (!Response!.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var codings) || codings.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        && (Response.Content.Headers.ContentType?.CharSet is not { } charset || Searchable.Contains(charset.Trim('"')));

    /// <summary>Only the end of its connection ends it, and that is the same for half of it: what passes has to show that it is whole.</summary>
    private bool EndsUnseen => Response is { Version.Major: < 2, Content.Headers.ContentLength: null, Headers.TransferEncodingChunked: not true };

    /// <summary>
    /// Lets an answer that comes in pieces pass, and notes what it tells: its usage, and an error in mid-stream, in which keys
    /// are masked.
    /// </summary>
    /// <returns>False when the answer must end here: an error that is too large to be searched, or an end in the middle of a piece.</returns>
    public bool TryPass(IBufferWriter<byte> output, KeyMask mask)
    {
        var (isLast, isCut) = (false, false);
        while (Scanner.TryReadPiece(out var piece) || (isLast = ReadToEnd && Scanner.TryReadLastPiece(out piece)))
        {
            // What can't be read may be an error in words.
            var read = Learn(piece);
            if (read is { IsError: true } or { IsReadable: false } || Scanner.LastPiece.StartsWith("event: error"u8))
            {
                mask.Clean(Scanner.LastPiece);
            }

            // Whoever reads the beginning of an error doesn't take it for an answer.
            isCut |= isLast && !read.IsReadable && !SaidDone && !PieceBeginning.IsError(Scanner.LastPiece);
        }

        if (ReadToEnd)
        {
            isCut |= Scanner.IsOpen && !PieceBeginning.IsError(Scanner.Held);
            mask.Clean(Scanner.Held);
        }

        if (!Scanner.PassTo(output, ReadToEnd))
        {
            Conclude(Verdict.UpstreamError);
            return false;
        }

        if (ReadToEnd && Verdict == Verdict.Ok && (isCut || (EndsUnseen && IsOneStream && !_saidEnd)))
        {
            BlameCut();
            return false;
        }

        return true;
    }

    /// <summary>Reads on into the scanner, for <see cref="TryPass"/>.</summary>
    /// <returns>False when it broke off: then the verdict says why.</returns>
    public async ValueTask<bool> ReadOnAsync(TimeSpan idleTimeout)
    {
        var count = await ReadAsync(Scanner.GetMemory(), idleTimeout);
        Scanner.Advance(Math.Max(0, count));
        return count >= 0;
    }

    /// <summary>Notes what a piece tells; an error in mid-stream becomes the verdict.</summary>
    public AnswerPiece Learn(ReadOnlyMemory<byte> json)
    {
        SaidDone |= json.Span.SequenceEqual("[DONE]"u8);
        _saidEnd |= SaidDone || (IsOneStream && EndsUnseen && SaysWhyItEnds(json.Span));
        var piece = AnswerPiece.Read(json.Span);
        Usage = piece with { PromptTokens = piece.PromptTokens ?? Usage.PromptTokens, OutputTokens = piece.OutputTokens ?? Usage.OutputTokens };
        if (Request.Call.MustAnswer && Models is not null)
        {
            Model = Models.Read(Request.Call.Model, Request.Call.OpenAi, Model, piece.Model, json.Span);
        }

        if (piece.IsError && IsJudged)
        {
            var error = UpstreamErrorParser.Parse(json);
            Fail(new UpstreamFailure(InnerStatus.Of(error), error, SentText(error), InSuccess: true));
        }

        return piece;
    }

    private bool IsOneStream => Request.Call is { MustAnswer: true, Streams: true };

    // OpenAI's dialect says [DONE]; a prompt that is not answered says why.
    private static bool SaysWhyItEnds(ReadOnlySpan<byte> json) => json.IndexOf("\"finishReason\""u8) >= 0 || json.IndexOf("\"blockReason\""u8) >= 0;
}
