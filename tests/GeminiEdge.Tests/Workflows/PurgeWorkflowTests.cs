using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Workflows;

[Collection(SharedCheckout.Name)]
public class PurgeWorkflowTests(Checkout checkout)
{
    private const string Purge = "purge-gemini-key.yml";

    [Theory]
    [InlineData(-1, "OLD is empty now.")]
    [InlineData(1, "is kept until")]
    public async Task Purge_EmptiesOldOnceItsTimeIsOver(int hours, string result)
    {
        await using var bed = await WorkflowBed.StartAsync(checkout);
        bed.Cli.Put(KeySlot.Primary);
        var old = bed.Cli.Put(KeySlot.Old, expires: TimeProvider.System.GetUtcNow().AddHours(hours)).Value[^4..];

        var run = await bed.RunAsync(Purge);

        Assert.True(run.Conclusion == "success", run.Log);
        Assert.Equal(hours < 0 ? "none" : old, bed.Cli.IdOf(KeySlot.Old));
        Assert.Contains(result, run.Summary, StringComparison.Ordinal);
        Assert.Equal(hours < 0, run.Annotations.Any(note => note.Kind == "warning" && note.Text.Contains("still works at Google", StringComparison.Ordinal)));
        Assert.Equal(1, bed.SignIns);
    }

    [Fact]
    public async Task Purge_NoOtherKeyWorks_KeepsOldAndFails()
    {
        await using var bed = await WorkflowBed.StartAsync(checkout);
        var old = bed.Cli.Put(KeySlot.Old, expires: TimeProvider.System.GetUtcNow().AddHours(-1)).Value[^4..];

        var run = await bed.RunAsync(Purge);

        Assert.Equal(("failure", old), (run.Conclusion, bed.Cli.IdOf(KeySlot.Old)));
        Assert.Contains("edgectl set PRIMARY", Assert.Single(run.Annotations, note => note.Kind == "error").Text, StringComparison.Ordinal);
    }
}
