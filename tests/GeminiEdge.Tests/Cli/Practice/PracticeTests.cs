namespace GeminiEdge.Tests.Cli.Practice;

/// <summary>`edgectl sandbox` in one terminal and the operator's commands in another, in the order of docs/operations.md.</summary>
public class PracticeTests
{
    [Theory]
    [InlineData(80, "C-d")]
    [InlineData(120, "quit")]
    public async Task Sandbox_TheWholePractice_FitsItsTerminalsAndFailsNobody(int columns, string leave)
    {
        await using var practice = await PracticeTerminals.OpenAsync(columns);

        Assert.Equal(18, (await practice.Sandbox.ScreenAsync()).Count(line => line.StartsWith("  export ", StringComparison.Ordinal) && line.EndsWith('\'')));
        await practice.RunAsync("edgectl keys", "PRIMARY");
        await practice.StoreNewKeyAsync();
        await practice.RunAsync("edgectl promote", "SECONDARY is promoted");
        await practice.Sandbox.SeesAsync("edge 2 answers with PRIMARY/SECONDARY (");
        await practice.RunAsync("edgectl purge", "nothing is due");
        await practice.RunAsync("edgectl confirm", "Converged: 2 active instances hold the newest ring.");
        await practice.RunAsync("edgectl rollback", "Rolled back: PRIMARY");

        await practice.StoreNewKeyAsync();
        await practice.TypeToSandboxAsync("kill PRIMARY");
        await practice.Sandbox.SeesAsync("edge 1 answers with SECONDARY (");
        await practice.Sandbox.SeesAsync("edge 2 answers with SECONDARY (");
        await practice.Operator.TypeAsync("edgectl fleet --watch");
        await practice.Operator.SeesAsync("rejected (key_invalid)", PracticeTerminals.Long);
        await practice.AllFitsAsync();
        await practice.Operator.PressAsync("C-c");
        await practice.Operator.ClearAsync();
        await practice.RunAsync("edgectl rotate --for 5s", "Kept:");

        await practice.StoreNewKeyAsync();
        await practice.TypeToSandboxAsync("leak PRIMARY");
        await practice.Operator.TypeAsync("edgectl leak; echo ended $?");
        await practice.Operator.SeesAsync("Press Enter when that is done", PracticeTerminals.Long);
        await practice.Operator.TypeAsync("");
        await practice.Operator.SeesAsync("ended 0");
        await practice.AllFitsAsync();

        await practice.Sandbox.TypeAsync("status");
        await practice.Sandbox.SeesAsync("0 failed.");
        await practice.AllFitsAsync();
        await practice.TypeToSandboxAsync("vault gone");
        await practice.Sandbox.SeesAsync("`vault` takes one word: ok, slow, throttled, denied or away.");
        await (leave == "quit" ? practice.Sandbox.TypeAsync(leave) : practice.Sandbox.PressAsync(leave));
        await practice.Sandbox.SeesAsync("The sandbox is gone");
    }

    [Fact]
    public async Task Sandbox_NobodyTypes_ServesUntilItIsStopped()
    {
        using var run = CliProcess.Start([], "sandbox");
        var end = run.EndAsync("status\n");
        await Support.Eventually.IsAsync(() => run.Errors.Contains("requests answered", StringComparison.Ordinal));
        Assert.False(run.HasExited);

        run.Interrupt();
        await end;

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("The sandbox is gone", run.Errors, StringComparison.Ordinal);
    }
}
