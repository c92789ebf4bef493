using System.Collections.Immutable;
using System.Globalization;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>One caller's request in the shape the upstream wants. Who takes it from whom, a subclass knows.</summary>
internal abstract class ForwardRequest
{
    /// <summary>How much of an answer is looked at before it goes to the caller.</summary>
    public const int FirstPieceLimit = 64 * 1024;

    public required string RequestId { get; init; }

    public required GeminiCall Call { get; init; }

    public required HttpMethod Verb { get; init; }

    public required string PathAndQuery { get; init; }

    /// <summary>The buffered body; unused while <see cref="Unbuffered"/>.</summary>
    public required RequestBody Body { get; init; }

    /// <summary>The body streams through: it can be sent once, with one key.</summary>
    public bool Unbuffered { get; init; }

    /// <summary>Of the rest of an upload: which key began it.</summary>
    public UploadTicket? Ticket { get; init; }

    /// <summary>The only key that can serve it: the one that began the upload.</summary>
    public string? OnlyKeyId => Ticket?.KeyId;

    /// <summary>How large a single object may be that is read whole before it goes to the caller.</summary>
    public int AnswerLimit { get; init; } = FirstPieceLimit;

    /// <summary>Counts an answer that is read whole.</summary>
    public MemoryBudget? Memory { get; init; }

    /// <summary>An answer that is larger than the limit is no use, instead of going to the caller unread.</summary>
    public bool NeedsWholeAnswer => AnswerLimit > FirstPieceLimit;

    /// <summary>It may wait for a key: nothing of it has been sent that must not be sent twice.</summary>
    public bool MayWait => Call.Replayable && OnlyKeyId is null && !Unbuffered;

    /// <summary>A key may be tried once more: nothing is bound to its project, and it is no retry, which is a second round already.</summary>
    public bool MayRepeat => MayWait && !Call.ProjectBound && !IsSdkRetry;

    /// <summary>The models that may be asked after the one it asks for; null for those of the settings.</summary>
    public ImmutableArray<string>? Fallbacks { get; init; }

    /// <summary>The model that the caller asked for, where this asks another one; else null.</summary>
    public virtual string? FallbackFrom => null;

    /// <summary>How long the caller gives the server, if it says so (<c>x-server-timeout</c>).</summary>
    public virtual TimeSpan? ServerTimeout => null;

    /// <summary>The caller's SDK says that it is a retry of its own.</summary>
    public virtual bool IsSdkRetry => false;

    /// <summary>Reads such a header: seconds, as Google's SDKs send them.</summary>
    protected static TimeSpan? Seconds(string? header) =>
        double.TryParse(header, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>The caller has left.</summary>
    public abstract CancellationToken Aborted { get; }

    /// <summary>The edge is shutting down and waits no longer: whoever seems to have left was sent away.</summary>
    public virtual bool EdgeStops => false;

    /// <summary>The caller's headers, as far as they pass (<see cref="HeaderRules"/>).</summary>
    public abstract void CopyHeadersTo(HttpRequestMessage to);

    /// <summary>While <see cref="Unbuffered"/>: the body as it comes, and its length if declared.</summary>
    public virtual (Stream Bytes, long? Length) OpenBody() => throw new InvalidOperationException("This request's body is buffered.");
}
