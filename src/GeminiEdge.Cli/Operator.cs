namespace GeminiEdge.Cli;

/// <summary>Who rotates, for the others to read in the vault's lock.</summary>
internal static class Operator
{
    // GITHUB_ACTOR stays the first starter when somebody else runs a workflow again, and on a schedule it is whoever last
    // changed the file.
    public static string Name =>
        Read("GITHUB_EVENT_NAME") is "schedule" ? "schedule@github"
        : Read("GITHUB_TRIGGERING_ACTOR") is { Length: > 0 } actor ? $"{actor}@github"
        : $"{Environment.UserName}@{Environment.MachineName}";

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name);
}
