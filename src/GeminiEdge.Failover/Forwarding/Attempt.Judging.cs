using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// How an answer becomes a verdict, and how much of it is read for that.
internal sealed partial class Attempt
{
    private async ValueTask JudgeSuccessAsync()
    {
        Verdict = Verdict.Ok;
        var call = Request.Call;

        var judged = call.MustAnswer || (IsJudged && Is("text/event-stream"));
        if (!judged && !MayNameResource)
        {
            if (call.Replayable)
            {
                // Until the first byte another key may still answer.
                await ReadSomeAsync();
            }

            return;
        }

        IsInspected = true;

        if (judged && Response!.Content.Headers.NonValidated.Contains("Content-Encoding"))
        {
            // Nothing was asked to be compressed, and what can't be read can't be told from an error.
            Verdict = call.MustAnswer ? Verdict.UpstreamError : Verdict.Ok;
            return;
        }

        Scanner.Expect(Response!.Content.Headers.ContentLength);
        var found = await ReadFirstPieceAsync();
        if (HadNoRoom)
        {
            return;
        }

        if (judged && found is { } piece && Learn(piece).IsReadable)
        {
            FirstPiece = piece;
            return;
        }

        if (call.MustAnswer && (!Scanner.IsFull || Request.NeedsWholeAnswer))
        {
            Verdict = Verdict.UpstreamError;
        }
    }

    /// <summary>
    /// Only Google writes what it answers with. Elsewhere a caller can have written what is read, a file or an earlier answer:
    /// that is no word of Google's about a key.
    /// </summary>
    private bool IsJudged => Request.Call.MustAnswer || (Request.Call.Kind == CallKind.Interaction && Request.Verb == HttpMethod.Post);

    /// <summary>It may tell in its first piece which resource it has made.</summary>
    private bool MayNameResource => Request.Call is { ProjectBound: true, IsFile: false }
        && (Is("application/json") || (Is("text/event-stream") && Request.Verb == HttpMethod.Post));

    /// <summary>Reads until one event or element is whole; a single object is read to its end, up to the limit.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> ReadFirstPieceAsync()
    {
        while (true)
        {
            if (await ReadSomeAsync() == 0)
            {
                return Scanner.TryReadPiece(out var whole) || Scanner.TryReadLastPiece(out whole) ? whole : null;
            }

            if (Scanner.IsSeries && Scanner.TryReadPiece(out var piece))
            {
                return piece;
            }

            if (Scanner.IsFull)
            {
                return null;
            }
        }
    }

    private async ValueTask<int> ReadSomeAsync()
    {
        var room = Scanner.GetMemory();
        if (room.IsEmpty)
        {
            HadNoRoom = true;
            return 0;
        }

        var count = await _stream!.ReadAsync(room, _cancellation.Token);
        TimeToFirstByte ??= Elapsed;
        Scanner.Advance(count);
        ReadToEnd = count == 0;
        return count;
    }

    private async ValueTask JudgeFailureAsync(int status)
    {
        try
        {
            _cancellation.CancelAfter(ErrorBodyPatience);
            while (Scanner.Bytes.Length < ForwardRequest.FirstPieceLimit && !ReadToEnd)
            {
                await ReadSomeAsync();
            }
        }
        catch (Exception e) when (IsOfTheExchange(e) && !ClientIsGone)
        {
            // Cut or too slow: the status stands, and what arrived of the body is judged with it.
            _brokeOff = true;
        }

        var retryAfter = Response!.Headers.RetryAfter;
        var delay = retryAfter?.Delta ?? (retryAfter?.Date is { } date ? date - _time.GetUtcNow() : null);
        var error = UpstreamErrorParser.Parse(Scanner.Bytes);
        Fail(new UpstreamFailure(status, error, SentText(error), delay > TimeSpan.Zero ? delay : null));
    }

    // Only a quota asks how much it was, and reading a large body takes its time.
    private long SentText(UpstreamError error) => error.Quotas.IsEmpty ? 0 : TextBytes.In(Request.Body.Plain.Span);
}
