namespace GeminiEdge.Tests.Cli.Practice;

/// <summary>`edgectl sandbox` in one terminal and the operator's commands in another, as docs/operations.md says.</summary>
public class PracticeTests
{
    [Fact]
    public async Task Rotation_AndBack_At80Columns()
    {
        await using var practice = await PracticeTerminals.OpenAsync(80);

        await practice.StoreNewKeyAsync();
        await practice.RunAsync("edgectl keys", "PRIMARY");
        await practice.RunAsync("edgectl promote", "SECONDARY is promoted");
        await practice.Sandbox.SeesAsync("edge 2 answers with PRIMARY/SECONDARY (");
        await practice.RunAsync("edgectl purge", "OLD");
        await practice.RunAsync("edgectl confirm", "Converged: 2 active instances hold the newest ring.");
        await practice.Operator.TypeAsync("edgectl fleet --watch");
        await practice.Operator.SeesAsync("Converged: 2 active instances");
        await practice.Operator.InterruptAsync();
        await practice.RunAsync("edgectl rollback", "Rolled back: PRIMARY");
        await practice.AllFitsAsync();

        await practice.Sandbox.TypeAsync("quit");
        await practice.Sandbox.SeesAsync("The sandbox is gone");
    }

    [Fact]
    public async Task KeyThatDies_IsTakenOverAndReplaced_WatchedToItsEnd_At120Columns()
    {
        await using var practice = await PracticeTerminals.OpenAsync(120);

        await practice.Sandbox.TypeAsync("kill PRIMARY");
        await practice.Sandbox.SeesAsync("edge 1 answers with SECONDARY (");
        await practice.Sandbox.SeesAsync("edge 2 answers with SECONDARY (");
        await practice.RunAsync("edgectl keys", "key_invalid");
        await practice.RunAsync("edgectl rotate --for 5s", "Kept:");
        await practice.StoreNewKeyAsync();
        await practice.Operator.TypeAsync("edgectl leak --no-new-key");
        await practice.Operator.SeesAsync("Contained", PracticeTerminals.Long);
        await practice.AllFitsAsync();

        await practice.Sandbox.TypeAsync("status");
        await practice.Sandbox.SeesAsync("0 failed.");
        await practice.Sandbox.InterruptAsync();
        await practice.Sandbox.SeesAsync("The sandbox is gone");
    }
}
