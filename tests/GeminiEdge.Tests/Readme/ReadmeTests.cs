using System.Diagnostics;
using GeminiEdge.Tests.Cli;
using GeminiEdge.Tests.Cli.Practice;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Functions.Func;
using GeminiEdge.Tests.Infra;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Readme;

/// <summary>What README.md says is typed, is typed; what it shows, comes.</summary>
public class ReadmeTests
{
    private const string Run = "dotnet run --project src/GeminiEdge.Server";

    // Each command of the README, and who runs it; a command that is new there fails until it is run somewhere.
    private static readonly Dictionary<string, Type> RunBy = new()
    {
        [Run] = typeof(ReadmeTests),
        ["curl http://127.0.0.1:7071/api/generate -H \"content-type: application/json\" -d '{\"prompt\":\"Say hello\"}'"] = typeof(ReadmeTests),
        ["read -rs GEMINI_API_KEY_PRIMARY && export GEMINI_API_KEY_PRIMARY"] = typeof(LocalRunTests),
        ["read -rs GEMINI_API_KEY_SECONDARY && export GEMINI_API_KEY_SECONDARY"] = typeof(LocalRunTests),
        ["edgectl set SECONDARY"] = typeof(PracticeTests),
        ["edgectl promote"] = typeof(PracticeTests),
        ["edgectl keys"] = typeof(PracticeTests),
        ["edgectl rollback"] = typeof(PracticeTests),
        ["edgectl purge"] = typeof(PracticeTests),
        ["dotnet run --project src/GeminiEdge.Cli -- sandbox"] = typeof(PracticeTests),
        ["dotnet run --project src/GeminiEdge.Cli -- drill"] = typeof(DrillTests),
        ["dotnet run --project samples/InYourOwnProcess"] = typeof(PackTests),
        ["npm install --global azure-functions-core-tools@4"] = typeof(FuncProjectTests),
        ["cp infra/main.bicepparam infra/edge.bicepparam"] = typeof(DeployPlanTests),
        ["sed -i \"s/'isolated'/'custom'/\" infra/edge.bicepparam"] = typeof(DeployPlanTests),
        ["infra/deploy -g edge --location westeurope --parameters infra/edge.bicepparam --dry-run"] = typeof(DeployPlanTests),
        ["infra/deploy -g edge --location westeurope --parameters infra/edge.bicepparam"] = typeof(DeployTests),
        ["cd src/GeminiEdge.Functions"] = typeof(FuncProjectTests),
        ["dotnet build"] = typeof(FuncProjectTests),
        ["dotnet run"] = typeof(FuncProjectTests),
        ["func azure functionapp publish APP"] = typeof(FuncProjectTests),
    };

    // There is no Azure to sign in at where tests run.
    private static readonly string[] NotRun = ["az login"];

    [Fact]
    public async Task FirstScreen_ItsTwoCommands_PrintWhatItShows()
    {
        // The tests were built with what it would build.
        var start = new ProcessStartInfo("dotnet", [.. Run.Split(' ')[1..], "--no-build"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.PathOf() };
        Dotnet.Prepare(start);
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        using var edge = Process.Start(start)!;
        try
        {
            _ = edge.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            List<string> banner = [];
            string[] shown = [.. ReadmeBlocks.OutputOf(Run).Where(line => line.Length > 0)];
            while (banner.Count < shown.Length)
            {
                var line = await edge.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience.Limit);
                Assert.NotNull(line);
                banner.AddRange(line.Length > 0 ? [line] : Array.Empty<string>());
            }

            var authority = new Uri(banner[0].Split(' ')[^1]).Authority;
            Assert.Equal(shown, banner.Select(line => line.Replace(authority, "127.0.0.1:7071", StringComparison.Ordinal)));

            var curl = ReadmeBlocks.Commands.Single(command => command.StartsWith("curl ", StringComparison.Ordinal));
            using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", curl.Replace("127.0.0.1:7071", authority, StringComparison.Ordinal)]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Assert.Equal(ReadmeBlocks.OutputOf(curl).Single(), await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            edge.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public void Commands_EachIsRunByATest() => Assert.Equal(RunBy.Keys.Concat(NotRun).Order(), ReadmeBlocks.Commands.Distinct().Order());

    [Fact]
    public void FirstScreen_SaysForWhomAndTheTwoCommandsFirst()
    {
        var lines = Repository.Read("README.md").Split('\n');

        Assert.Equal(5 + 2, lines.TakeWhile(line => !line.StartsWith("```", StringComparison.Ordinal)).Count(line => line.StartsWith('|')));
        Assert.InRange(Array.FindIndex(lines, line => line.StartsWith("$ curl", StringComparison.Ordinal)), 0, 40);
        Assert.Equal(
            ["With your keys", "Rotate a key", "Deploy"],
            lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]).Take(3));
    }
}
