using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Cli;

/// <summary>Measures times under load: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(DrillTests), DisableParallelization = true)]
public sealed class RunsAlone;

/// <summary>The whole promise at once: `edgectl drill` with real edges, and nothing left behind when it is stopped.</summary>
[Collection(nameof(DrillTests))]
public sealed partial class DrillTests : IDisposable
{
    private readonly DirectoryInfo _temp = Directory.CreateTempSubdirectory("drill-test-");

    public void Dispose() => _temp.Delete(recursive: true);

    [Fact]
    public async Task Drill_Quick_NoRequestFailsAndEveryEdgeConverges()
    {
        using var drill = Start("drill", "--json");
        await drill.EndAsync(patience: TimeSpan.FromMinutes(5));

        var evidence = drill.Json;
        Assert.True(drill.ExitCode == 0, $"exit {drill.ExitCode}\n{drill.Output}\n{drill.Errors}");
        Assert.Equal(0, evidence["failed"]!.GetValue<int>());
        Assert.InRange(evidence["sent"]!.GetValue<int>(), 50_000, int.MaxValue);
        Assert.Equal(evidence["sent"]!.GetValue<int>(), evidence["answered"]!.GetValue<int>());
        Assert.InRange(evidence["failed_over"]!.GetValue<int>(), 1, int.MaxValue);

        // Streams that a swap met have all finished, and swaps did meet some.
        Assert.InRange(evidence["streams_across_swaps"]!.GetValue<int>(), 1, int.MaxValue);
        Assert.Equal(evidence["streams_across_swaps"]!.GetValue<int>(), evidence["streams_across_swaps_finished"]!.GetValue<int>());

        var steps = evidence["steps"]!.AsArray();
        Assert.Equal(11, steps.Count);
        Assert.All(steps, step => Assert.True(
            step!["converged"]!.GetValue<bool>() && step["holds_bar"]!.GetValue<bool>() && step["seconds_by_instance"]!.AsArray().Count == 4, step.ToJsonString()));
        Assert.Equal(4, steps.Single(step => step!["noticed_by"] is not null)!["noticed_by"]!.GetValue<int>());

        var bar = TimeSpan.FromSeconds(evidence["bar_s"]!.GetValue<double>());
        var replaced = evidence["replaced_keys"]!.AsArray();
        Assert.Equal(6, replaced.Count);
        Assert.All(replaced, key => Assert.True(Time(key, "last_use") <= Time(key, "replaced") + bar, key!.ToJsonString()));
        AssertNoKey(drill);
    }

    [Theory]
    [InlineData("--bad-key", true)]
    [InlineData("--outage", false)]
    public async Task Drill_OfARotationWithTrouble_IsRolledBackOnlyWhereTheKeyIsToBlame(string option, bool isRolledBack)
    {
        using var drill = Start("drill", option, "--json");
        await drill.EndAsync(patience: TimeSpan.FromMinutes(5));

        Assert.True(drill.ExitCode == 0, $"exit {drill.ExitCode}\n{drill.Output}\n{drill.Errors}");
        var evidence = drill.Json;
        Assert.Equal((0, isRolledBack), (evidence["failed"]!.GetValue<int>(), evidence["rolled_back"]!.GetValue<bool>()));
        Assert.Equal(!isRolledBack, evidence["failed_in_outage"]!.GetValue<int>() > 0);
        Assert.InRange(evidence["sent"]!.GetValue<int>(), 1000, int.MaxValue);
        Assert.Equal(0, Edges());
        AssertNoKey(drill);
    }

    [Fact]
    public async Task Drill_OfALeak_ContainsItWithinAMinuteAndNoRequestFails()
    {
        using var drill = Start("drill", "--leak", "--json");
        await drill.EndAsync(patience: TimeSpan.FromMinutes(5));

        Assert.True(drill.ExitCode == 0, $"exit {drill.ExitCode}\n{drill.Output}\n{drill.Errors}");
        var evidence = drill.Json;
        Assert.Equal((0, 0, 0, 10), (evidence["failed"]!.GetValue<int>(), evidence["readable_versions_with_it"]!.GetValue<int>(), evidence["rings_with_it"]!.GetValue<int>(), evidence["instances"]!.GetValue<int>()));
        Assert.InRange(evidence["sent"]!.GetValue<int>(), 500, int.MaxValue);
        Assert.Equal(("key_invalid", true), (evidence["leaked_key_verdict"]!.GetValue<string>(), evidence["deleted_at_google"]!.GetValue<bool>()));

        // The key was in use until then, and the register tells what Gemini does, from the moment at which the command's process ran.
        var contained = evidence["contained_s"]!.GetValue<double>();
        Assert.InRange(contained, 1, 60);
        Assert.InRange(evidence["contained_s_by_the_register"]!.GetValue<double>(), 0.1, contained + 0.5);
        Assert.Equal(0, Edges());
        AssertNoKey(drill);
    }

    [Fact]
    public async Task Drill_TwoOfThemAtOnce_IsRefused()
    {
        using var drill = Start("drill", "--leak", "--outage");
        await drill.EndAsync();

        Assert.Equal((64, ""), (drill.ExitCode, drill.Output));
        Assert.Contains("use one of them", drill.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-INT")]
    [InlineData("-HUP")]
    public async Task Drill_IsStopped_LeavesNothingBehind(string signal)
    {
        using var drill = Start("drill");
        while (Edges() < 4)
        {
            Assert.False(drill.HasExited, "It ended before its edges ran.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        drill.Signal(signal);
        await drill.EndAsync();

        Assert.Equal(130, drill.ExitCode);
        Assert.Equal(0, Edges());
        Assert.Empty(_temp.EnumerateFileSystemInfos("edgectl-drill-*"));
        Assert.Empty(drill.Output);
    }

    [Theory]
    [InlineData("--vault", "https://some.vault.azure.net/")]
    [InlineData("--dry-run")]
    public async Task Drill_OptionOfTheRealVault_IsRefused(params string[] option)
    {
        using var drill = Start(["drill", .. option]);
        await drill.EndAsync();

        Assert.Equal((64, ""), (drill.ExitCode, drill.Output));
        Assert.Contains("brings its own vault", drill.Errors, StringComparison.Ordinal);
    }

    // Settings of a user who works with a real vault: the drill must not touch it, nor hand these to its edges.
    private CliRun Start(params string[] arguments) => CliRun.Start(
        new Dictionary<string, string>
        {
            ["TMPDIR"] = _temp.FullName,
            ["GEMINI_KEYVAULT_URI"] = "https://not-to-be-used.vault.azure.net/",
            ["GEMINI_BASE_URL"] = "http://not-loopback.example/",
            ["GeminiEdge__Selection"] = "Nonsense",
        },
        arguments);

    // The edges have inherited the folder's name, which no other process of this machine has.
    private int Edges() => Directory.EnumerateDirectories("/proc").Count(process => IsEdge(process));

    private bool IsEdge(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains("GeminiEdge.Server", StringComparison.Ordinal)
                && File.ReadAllText(Path.Combine(process, "environ")).Contains(_temp.FullName, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended, or is no process at all.
            return false;
        }
    }

    private static DateTimeOffset Time(JsonNode? node, string name) => DateTimeOffset.Parse(node![name]!.GetValue<string>(), CultureInfo.InvariantCulture);

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
