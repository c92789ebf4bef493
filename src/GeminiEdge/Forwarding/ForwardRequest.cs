using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Forwarding;

/// <summary>One caller's request in the shape the upstream wants.</summary>
internal sealed record ForwardRequest
{
    /// <summary>How much of an answer is looked at before it goes to the caller.</summary>
    public const int FirstPieceLimit = 64 * 1024;

    public required HttpContext Context { get; init; }

    public required string RequestId { get; init; }

    public required GeminiCall Call { get; init; }

    public required HttpMethod Verb { get; init; }

    public required string PathAndQuery { get; init; }

    /// <summary>The buffered body; unused while <see cref="Unbuffered"/>.</summary>
    public required RequestBody Body { get; init; }

    /// <summary>The edge made the body itself: headers that describe the caller's are no headers of it.</summary>
    public bool IsOwn { get; init; }

    /// <summary>The body streams through: it can be sent once, with one key.</summary>
    public bool Unbuffered { get; init; }

    /// <summary>The only key that can serve it: the one that began the upload.</summary>
    public string? OnlyKeyId { get; init; }

    /// <summary>How large a single object may be that is read whole before it goes to the caller.</summary>
    public int AnswerLimit { get; init; } = FirstPieceLimit;

    /// <summary>An answer that is larger than the limit is no use, instead of going to the caller unread.</summary>
    public bool NeedsWholeAnswer => AnswerLimit > FirstPieceLimit;
}
