using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Readme;

/// <summary>The console blocks of README.md: commands after a <c>$</c>, and what they print.</summary>
internal static class ReadmeBlocks
{
    /// <summary>Each block's lines, in order.</summary>
    public static string[][] All { get; } =
    [
        .. Repository.Read("README.md").Split("```console\n")[1..].Select(block => block[..block.IndexOf("\n```", StringComparison.Ordinal)].Split('\n')),
    ];

    /// <summary>Each command as it stands there, without the remark behind it.</summary>
    public static IEnumerable<string> Commands => All.SelectMany(block => block).Where(IsCommand).Select(Command);

    /// <summary>The block that begins with a command: what it prints.</summary>
    public static string[] OutputOf(string command) => [.. All.Single(block => Command(block[0]) == command && block.Length > 1)[1..]];

    private static bool IsCommand(string line) => line.StartsWith("$ ", StringComparison.Ordinal);

    private static string Command(string line) => line[2..].Split("  #")[0].TrimEnd();
}
