using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Cli;

public class AccessTests
{
    [Theory]
    [InlineData(KeyVaultRole.None, "keys", "--json")]
    [InlineData(KeyVaultRole.Reader, "probe", "--json")]
    [InlineData(KeyVaultRole.SecretsUser, "purge", "--json")]
    public async Task Command_RoleIsMissing_Exits4AndNamesIt(KeyVaultRole role, params string[] arguments)
    {
        await using var bed = await CliBed.StartAsync(role);
        bed.Put(KeySlot.Primary);

        var run = await bed.RunAsync(arguments);

        Assert.Equal((4, "access_denied"), (run.ExitCode, run.Json["outcome"]!.GetValue<string>()));
        Assert.Contains("Key Vault Secrets Officer on https://sandbox.vault.azure.net", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_RoleThatReads_IsEnough()
    {
        await using var bed = await CliBed.StartAsync(KeyVaultRole.SecretsUser);

        (await bed.RunAsync("keys")).AssertEnded(0);
    }

    [Fact]
    public async Task Keys_NotSignedIn_Exits4AndSaysHow()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Environment.Remove("IDENTITY_ENDPOINT");
        bed.Environment.Remove("IDENTITY_HEADER");
        // Else it would look for a machine's identity; and there is no `az` on this path.
        bed.Environment["AZURE_TOKEN_CREDENTIALS"] = "AzureCliCredential";
        bed.Environment["PATH"] = Path.GetTempPath();

        var run = await bed.RunProcessAsync("keys");

        Assert.Equal((4, ""), (run.ExitCode, run.Output));
        Assert.Contains("`az login`", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_NoSuchVault_Exits1AndPointsAtTheOption()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Environment.Remove("HTTPS_PROXY");

        var run = await bed.RunAsync("keys", "--vault", "https://nowhere.invalid/");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("check --vault", run.Errors, StringComparison.Ordinal);
    }
}
