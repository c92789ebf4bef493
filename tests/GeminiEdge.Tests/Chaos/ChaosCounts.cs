using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Chaos;

/// <summary>How much happened: an exploration in which nothing fails shows nothing.</summary>
internal sealed class ChaosCounts
{
    public int Answered { get; private set; }

    public int Refused { get; private set; }

    public int Cut { get; private set; }

    public int FailedAttempts { get; private set; }

    public int Rotations { get; set; }

    public int Extra { get; set; }

    /// <summary>Requests for which time passed too fast to judge them.</summary>
    public int Hurried { get; set; }

    public void Count(EdgeAnswer answer)
    {
        Answered += answer is { Status: 200, IsCut: false } ? 1 : 0;
        Refused += answer.Status >= 500 ? 1 : 0;
        Cut += answer.IsCut ? 1 : 0;
    }

    public void Count(IEnumerable<string> log) => FailedAttempts += log.Count(line => line.Contains("\"gemini_fail\"", StringComparison.Ordinal));

    public void Add(ChaosCounts other)
    {
        (Answered, Refused, Cut) = (Answered + other.Answered, Refused + other.Refused, Cut + other.Cut);
        (FailedAttempts, Rotations) = (FailedAttempts + other.FailedAttempts, Rotations + other.Rotations);
        (Extra, Hurried) = (Extra + other.Extra, Hurried + other.Hurried);
    }

    public override string ToString() =>
        $"{Answered} answers, {Refused} refusals after {FailedAttempts} failed attempts, {Cut} answers cut, {Extra} extra attempts, {Rotations} rotations; {Hurried} not judged";
}
