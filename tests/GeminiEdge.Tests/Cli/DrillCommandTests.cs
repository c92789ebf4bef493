namespace GeminiEdge.Tests.Cli;

/// <summary>What `edgectl drill` refuses to begin.</summary>
public class DrillCommandTests
{
    [Theory]
    [InlineData("use one of them", "--leak", "--outage")]
    [InlineData("`edgectl drill` takes no --vault.", "--vault", "https://some.vault.azure.net/")]
    [InlineData("`edgectl drill` takes no --dry-run.", "--dry-run")]
    public async Task Drill_OptionsThatDoNotGoWithIt_AreRefused(string why, params string[] options)
    {
        using var world = new CliWorld(new Dictionary<string, string>(), TimeProvider.System);
        using var run = CliCall.Start(world.Create, ["drill", .. options]);
        await run.EndAsync();

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Contains(why, run.Errors, StringComparison.Ordinal);
    }
}
