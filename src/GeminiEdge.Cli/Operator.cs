namespace GeminiEdge.Cli;

/// <summary>Who rotates, for the others to read in the vault's lock.</summary>
internal static class Operator
{
    // GITHUB_ACTOR stays the first starter when somebody else runs a workflow again, and on a schedule it is whoever last
    // changed the file.
    public static string NameIn(World world) =>
        world.Variable("GITHUB_EVENT_NAME") is "schedule" ? "schedule@github"
        : world.Variable("GITHUB_TRIGGERING_ACTOR") is { } actor ? $"{actor}@github"
        : $"{Environment.UserName}@{Environment.MachineName}";
}
