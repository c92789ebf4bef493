using System.Text.RegularExpressions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Chaos;

/// <summary>A kind of request, and what a right answer to it looks like.</summary>
internal sealed partial record ChaosCall(string Name, string Target, string Body, int Chunks, bool IsPassedOn)
{
    public static readonly ChaosCall[] All =
    [
        new("native", "/v1beta/models/m:generateContent", EdgeHost.Contents("Say hello"), 1, true),
        new("stream", "/v1beta/models/m:streamGenerateContent?alt=sse", EdgeHost.Contents("Say hello"), ChaosGoogle.Chunks, true),
        new("count", "/v1beta/models/m:countTokens", EdgeHost.Contents("Say hello"), 1, true),
        new("generate", "/api/generate", """{"prompt":"Say hello","model":"m"}""", 1, false),
        new("events", "/api/generate", """{"prompt":"Say hello","model":"m","stream":true}""", ChaosGoogle.Chunks, false),
    ];

    /// <summary>What is wrong with a 200 that the caller got; null when it is right, or says that it isn't whole.</summary>
    public string? Fault(EdgeAnswer answer, IReadOnlyCollection<ChaosAttempt> attempts)
    {
        var pieces = Piece().Matches(answer.Body).Select(match => (Id: match.Groups[1].Value, Index: match.Groups[2].Value)).ToList();
        if (pieces.Select(piece => piece.Id).Distinct().Count() > 1)
        {
            return "holds two answers";
        }

        if (pieces.Where((piece, at) => piece.Index != $"{at}").Any())
        {
            return "holds a piece twice, or lacks one in its middle";
        }

        var saysSo = answer.IsCut || answer.Body.Contains("\"error\"", StringComparison.Ordinal) || answer.Body.Contains("event: error", StringComparison.Ordinal);
        if (saysSo)
        {
            return null;
        }

        // A line's end that is missing after the last piece takes nothing from anybody.
        return pieces.Count != Chunks ? $"is cut after {pieces.Count} of {Chunks} pieces and looks whole"
            : IsPassedOn && attempts.All(attempt => attempt.Body.TrimEnd() != answer.Body.TrimEnd()) ? "is changed"
            : Name == "events" && !answer.Body.Contains("event: done", StringComparison.Ordinal) ? "has no end"
            : null;
    }

    [GeneratedRegex(@"(u\w+x\d+)\.(\d)")]
    private static partial Regex Piece();
}
