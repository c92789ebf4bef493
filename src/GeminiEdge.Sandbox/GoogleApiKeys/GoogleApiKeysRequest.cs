namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>A request as the API received it; it holds no key string.</summary>
/// <param name="Operation">What it asks for.</param>
/// <param name="Resource">The key, the project or the operation it names; null for a lookup.</param>
/// <param name="Principal">Whose token it carried; null when none or no valid one.</param>
/// <param name="QuotaProject">The project in <c>x-goog-user-project</c>.</param>
public sealed record GoogleApiKeysRequest(GoogleApiKeysOperation Operation, string? Resource, string? Principal, string? QuotaProject);
