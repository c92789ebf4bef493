using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Cli;

/// <summary>Every command that writes, against a vault whose policy wants an expiry of every secret.</summary>
public class GovernedVaultCommandTests
{
    [Theory]
    [InlineData("promote")]
    [InlineData("rollback")]
    [InlineData("purge")]
    [InlineData("leak")]
    public async Task Command_PolicyDemandsAnExpiry_TakesAnAgeByOptionOrSetting(string command)
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Put(KeySlot.Old, tags: new Dictionary<string, string> { ["promoted-from"] = "PRIMARY" }, expires: bed.Time.GetUtcNow().AddHours(command == "purge" ? -1 : 20));
        bed.Vault.Policy = new() { ExpiryRequired = true };
        string[] arguments = command switch
        {
            "promote" => ["promote", "--replace-old"],
            "leak" => ["leak", "--no-new-key", "--by-hand"],
            _ => [command],
        };
        arguments = [.. arguments, "--refresh-interval", "00:00:01"];

        var refused = await bed.RunAsync(arguments);
        var writes = bed.Vault.WriteCount;
        bed.Environment["GEMINI_KEYVAULT_MAX_AGE"] = "30d";
        var done = await bed.RunAsync(arguments);

        Assert.Equal((4, 0), (refused.ExitCode, writes));
        Assert.Contains("--max-age", refused.Errors, StringComparison.Ordinal);

        // By hand nobody has deleted the leaked key at Google.
        Assert.True(done.ExitCode == (command == "leak" ? 2 : 0), done.Errors);
        Assert.All(
            bed.Vault.Names.SelectMany(bed.Vault.Versions).Where(version => version.Tags.ContainsKey("rotation") || version.Tags.ContainsKey("operator")),
            version => Assert.NotNull(version.ExpiresOn));
    }

    [Theory]
    [InlineData("set", "SECONDARY")]
    [InlineData("promote")]
    [InlineData("rollback")]
    [InlineData("rotate")]
    [InlineData("watch")]
    [InlineData("leak")]
    [InlineData("purge")]
    [InlineData("issue")]
    public async Task Help_OfACommandThatWrites_NamesBothOptions(params string[] command)
    {
        await using var bed = await CliBed.StartAsync();

        var run = await bed.RunAsync([.. command, "--help"]);

        Assert.Contains("--expires", run.Output, StringComparison.Ordinal);
        Assert.Contains("--max-age", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_VaultOfAccessPolicies_Exits4AndNamesThem()
    {
        await using var bed = await CliBed.StartAsync(KeyVaultRole.SecretsUser, byAccessPolicies: true);
        bed.Put(KeySlot.Primary);

        var run = await bed.RunAsync("purge", "--json");

        Assert.Equal(4, run.ExitCode);
        Assert.Contains("https://sandbox.vault.azure.net goes by access policies, and none gives you the secret permission set", run.Errors, StringComparison.Ordinal);
        Assert.Contains("az keyvault set-policy --name sandbox", run.Errors, StringComparison.Ordinal);
    }
}
