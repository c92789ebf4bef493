namespace GeminiEdge.Cli;

/// <summary>Who rotates, for the others to read in the vault's lock.</summary>
internal static class Operator
{
    public static string Name => Environment.GetEnvironmentVariable("GITHUB_ACTOR") is { Length: > 0 } actor
        ? $"{actor}@github"
        : $"{Environment.UserName}@{Environment.MachineName}";
}
