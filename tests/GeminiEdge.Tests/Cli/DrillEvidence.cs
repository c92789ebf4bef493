using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Cli;

/// <summary>What a drill has printed at its end.</summary>
internal static partial class DrillEvidence
{
    /// <summary>Its evidence, once it is certain that it went well, left nothing behind and told no key.</summary>
    public static JsonObject Of(StartedDrill drill)
    {
        Assert.True(drill.Run.ExitCode == 0, $"exit {drill.Run.ExitCode}\n{drill.Run.Output}\n{drill.Run.Errors}");
        Assert.Equal(0, drill.EdgesLeft);
        Assert.Empty(drill.Files());
        AssertNoKey(drill.Run);
        return drill.Run.Json;
    }

    // The drill makes its keys up, so they are known by their looks: how they begin, and eight characters in a row that only chance writes.
    private static void AssertNoKey(CliRun run)
    {
        // A folder's random name looks like one, too.
        foreach (var text in new[] { run.Output, run.Errors }.Select(text => FolderName().Replace(text, "")))
        {
            Assert.DoesNotMatch(@"AQ\.|AIza|[0-9a-f]{32}", text);
            Assert.DoesNotMatch("(?=[A-Za-z_-]*[0-9])(?=[a-z0-9_-]*[A-Z])(?=[A-Z0-9_-]*[a-z])[A-Za-z0-9_-]{8}", text);
        }
    }

    [GeneratedRegex("drill-test-[A-Za-z0-9]+|edgectl-leak-[A-Za-z0-9]+")]
    private static partial Regex FolderName();
}
