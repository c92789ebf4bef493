namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>Which key a result is about, where Google keeps it.</summary>
/// <param name="Name"><c>projects/P/locations/global/keys/ID</c>; null when it was made by hand.</param>
/// <param name="KeyId">The last four characters of the key; null when it wasn't read.</param>
internal sealed record KeyAtGoogle(string? Name, string? KeyId);
