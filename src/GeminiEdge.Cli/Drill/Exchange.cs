namespace GeminiEdge.Cli.Drill;

/// <summary>One request of the load and what came of it.</summary>
/// <param name="Edge">The number of the instance it went to.</param>
/// <param name="KeyId">Whose key answered; null when the edge named none.</param>
/// <param name="Fault">Why it counts as failed: the error's code, or what was wrong with the answer. Null: answered.</param>
internal sealed record Exchange(
    int Edge, Question Question, DateTimeOffset Began, DateTimeOffset Ended, int? Status, string? KeyId, int Attempts, string? Fault);
