using GeminiEdge.Cli;
using GeminiEdge.Rotation;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli;

public class UsageTests
{
    private const string Key = "AIzaSyD-0nTheC0mmandLine_xyzQWERTY123";
    private const string Vault = "https://v.vault.azure.net/";

    [Theory]
    [InlineData("A command is missing")]
    [InlineData("could be a key. Did you mean `rotate`?", "rotate-all")]
    [InlineData("could be a key. Did you mean `promote`?", "promot", "--dry-run")]
    [InlineData("could be a key. Did you mean `promote`?", "help", "promtoe")]
    [InlineData("could be a key. Did you mean `--json`?", "keys", "--jsn")]
    [InlineData("`edgectl probe` takes no --fleet.", "probe", "--fleet", "https://a.table.core.windows.net/")]
    [InlineData("`edgectl fleet` takes no --dry-run.", "fleet", "--dry-run")]
    [InlineData("`edgectl retire` takes no --app.", "retire", "abcd", "--app=x")]
    [InlineData("stands behind the command: `edgectl keys --vault …`", "--vault", Vault, "keys")]
    [InlineData("not known here", "keys", "extra")]
    [InlineData("not known here", "@arguments.txt")]
    [InlineData("SLOT is one of PRIMARY, SECONDARY", "probe", "TERTIARY")]
    [InlineData("SLOT is one of PRIMARY, SECONDARY", "promote", "--slot", "10")]
    [InlineData("SLOT is missing", "set")]
    [InlineData("--vault takes one value", "keys", "--vault")]
    [InlineData("--vault takes one value", "keys", "--vault", Vault, "--vault", Vault)]
    [InlineData("--refresh-interval is a duration", "promote", "--refresh-interval", "30")]
    [InlineData("No vault is named", "keys")]
    [InlineData("--vault is the vault's address", "keys", "--vault", "http://v.vault.azure.net/")]
    [InlineData("--vault is the vault's address", "keys", "--vault", "v.vault.azure.net")]
    [InlineData("--vault is the vault's address", "keys", "--vault", "https://v.vault.azure.net/secrets/x")]
    public async Task CommandLine_IsWrong_Exits64WithASentenceAndAHint(string sentence, params string[] arguments)
    {
        using var run = await RunAsync([], arguments);

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        Assert.Contains("--help`", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("set", "SECONDARY", Key)]
    [InlineData("set", Key)]
    [InlineData(Key)]
    [InlineData("keys", "--json=" + Key)]
    [InlineData("keys", "--json", Key)]
    [InlineData("keys", "--vault", Key)]
    [InlineData("keys", "--vault=" + Key)]
    [InlineData("set", "SECONDARY", "--key=" + Key)]
    [InlineData("promote", "--slot", Key)]
    [InlineData("promote", "--slot=" + Key)]
    [InlineData("promote", "--refresh-interval", Key)]
    [InlineData("--", Key)]
    [InlineData("[diagram]", Key)]
    [InlineData("set", "SECONDARY", "GEMINI_API_KEY=" + Key)]
    [InlineData("set", "SECONDARY", "Bearer " + Key)]
    [InlineData("set", "SECONDARY", "'" + Key + "'")]
    public async Task CommandLine_HoldsAKey_IsRefusedWithoutRepeatingIt(params string[] arguments)
    {
        using var run = await RunAsync([], arguments);

        AssertRefusedWithoutTheKey(run);
    }

    [Fact]
    public async Task Process_CommandLineHoldsAKey_IsRefusedWithoutRepeatingIt()
    {
        using var run = CliProcess.Start([], "set", "SECONDARY", Key);
        await run.EndAsync();

        AssertRefusedWithoutTheKey(run);
    }

    private static void AssertRefusedWithoutTheKey(CliRun run)
    {
        var watch = new SecretWatch();
        watch.AddUpstreamKey(Key);
        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Contains("stands in the shell's history", run.Errors, StringComparison.Ordinal);
        Assert.Contains("rotate it", run.Errors, StringComparison.Ordinal);
        watch.See("standard error", run.Errors);
        watch.AssertClean();
    }

    [Fact]
    public async Task Settings_AreWrong_EachIsNamed()
    {
        using var run = await RunAsync(new() { ["GEMINI_BASE_URL"] = "http://example.com", ["GEMINI_MODEL"] = "a b", ["GEMINI_KEYVAULT_URI"] = "vault" }, "keys");

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Contains("GEMINI_BASE_URL is", run.Errors, StringComparison.Ordinal);
        Assert.Contains("GEMINI_MODEL is", run.Errors, StringComparison.Ordinal);
        Assert.Contains("GEMINI_KEYVAULT_URI is", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_AskedForHelp_NamesEveryCommandAndItself()
    {
        using var run = CliProcess.Start([], "--help");
        await run.EndAsync();

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.All(["edgectl [command]", "keys", "probe", "set", "promote", "rollback", "purge", "Examples:", "Exit codes:"], text => Assert.Contains(text, run.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("promote --help", "--slot", "--replace-old", "--refresh-interval", "--vault", "--json", "--dry-run")]
    [InlineData("set --help", "<SLOT>", "standard input")]
    public async Task Help_OfACommand_NamesWhatThereIs(string arguments, params string[] expected)
    {
        using var run = await RunAsync([], arguments.Split(' '));

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.All(expected, text => Assert.Contains(text, run.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("promote")]
    [InlineData("help")]
    public async Task Help_AsACommand_IsTheSameAsTheOption(string command)
    {
        string[] arguments = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

        var (asCommand, asOption) = (await RunAsync([], ["help", .. arguments]), await RunAsync([], [.. arguments, "--help"]));

        Assert.Equal((0, asOption.Output, ""), (asCommand.ExitCode, asCommand.Output, asCommand.Errors));
    }

    [Fact]
    public async Task Help_OfEachCommand_HasItsExamplesItsExitCodesOneALineAndItsOptionsAlone()
    {
        using var wrong = await RunAsync([]);
        foreach (var command in wrong.Errors.Split("Commands: ")[1].Split('.')[0].Split(", "))
        {
            using var run = await RunAsync([], command, "--help");

            Assert.Contains($"\nExamples:\n  edgectl {command}", run.Output, StringComparison.Ordinal);
            var codes = run.Output.Split("Exit codes:\n")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line.TrimStart().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(codes.Order(), codes);
            Assert.Equal((0, true), (codes[0], codes.Contains(64)));
            Assert.Equal(command is not ("drill" or "sandbox" or "help"), run.Output.Contains("--vault", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Design_ListsEveryOutcomeWithItsExitCode()
    {
        var rows = (await File.ReadAllLinesAsync(Repository.PathOf("docs", "design.md"))).SkipWhile(line => line != "## How a command of edgectl ends")
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Skip(1).Take(ExitCode.Table.Length).Select(line => string.Join('|', line.Split('|')[1..3]));

        Assert.Equal(ExitCode.Table.Select(row => $" `{row.Name}` | {row.Code} "), rows);
        Assert.Equal(Enum.GetValues<RotationOutcome>(), ExitCode.Table.Select(row => row.Outcome));
    }

    [Fact]
    public async Task Process_AskedForItsVersion_PrintsIt()
    {
        using var run = CliProcess.Start([], "--version");
        await run.EndAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", run.Output);
    }

    private static async Task<CliRun> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        using var world = new CliWorld(environment, TimeProvider.System);
        var run = CliCall.Start(world.Create, arguments);
        await run.EndAsync();
        return run;
    }
}
