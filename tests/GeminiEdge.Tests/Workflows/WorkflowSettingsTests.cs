namespace GeminiEdge.Tests.Workflows;

/// <summary>What the workflows of keys refuse before they sign in, or have an edgectl.</summary>
public class WorkflowSettingsTests
{
    private const string Rotate = "rotate-gemini-key.yml";
    private const string Purge = "purge-gemini-key.yml";

    [Theory]
    [InlineData("watch", "30 minutes", "a duration as 30m")]
    [InlineData("watch", "46m", "at most 45m")]
    [InlineData("watch", "2701s", "at most 45m")]
    [InlineData("watch", "$(touch \"$RUNNER_TEMP/owned\")", "a duration as 30m")]
    [InlineData("watch", "0s", "a duration as 30m")]
    public async Task Rotate_AnInputIsWrong_IsRefusedBeforeItSignsIn(string input, string value, string reason)
    {
        await using var bed = await WorkflowBed.StartAsync();

        var run = await bed.RunAsync(Rotate, new() { [input] = value });

        Assert.Equal(("failure", 0), (run.Conclusion, bed.SignIns));
        Assert.Contains(reason, Assert.Single(run.Annotations).Text, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(run.Temp));
    }

    [Fact]
    public async Task Rotate_NobodyHasSetItUp_NamesEachVariableThatIsMissing()
    {
        await using var bed = await WorkflowBed.StartAsync();
        foreach (var name in bed.Variables.Keys)
        {
            bed.Variables[name] = "";
        }

        var run = await bed.RunAsync(Rotate);

        Assert.Equal(("failure", 0), (run.Conclusion, bed.SignIns));
        Assert.Equal(
            ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID", "GEMINI_KEYVAULT_URI", "GEMINI_EDGE_FLEET"],
            run.Annotations.Select(note => note.Text.Split(' ')[3]));
    }

    [Fact]
    public async Task Purge_NobodyHasSetItUp_NamesEachVariableThatIsMissing()
    {
        await using var bed = await WorkflowBed.StartAsync();
        bed.Variables["GEMINI_KEYVAULT_URI"] = "";

        var run = await bed.RunAsync(Purge);

        Assert.Equal(("failure", 0), (run.Conclusion, bed.SignIns));
        Assert.Contains("GEMINI_KEYVAULT_URI", Assert.Single(run.Annotations).Text, StringComparison.Ordinal);
    }
}
