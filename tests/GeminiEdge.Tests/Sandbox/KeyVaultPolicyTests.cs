using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Sandbox;

public class KeyVaultPolicyTests
{
    [Fact]
    public async Task SetSecret_WithoutAnExpiryThatThePolicyDemands_IsForbiddenAndLeavesNothing()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        bed.Vault.Policy = new() { ExpiryRequired = true };

        var (status, code, inner, error) = await KeyVaultBed.FailAsync(() => bed.Client().SetSecretAsync("key", "value"));

        Assert.Equal((403, "Forbidden", "ForbiddenByPolicy"), (status, code, inner));
        Assert.Contains("Key Vault secrets should have an expiration date", error.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), (bed.Vault.Names.Count, bed.Vault.WriteCount));
    }

    [Theory]
    [InlineData(89, true)]
    [InlineData(90, true)]
    [InlineData(91, false)]
    [InlineData(null, false)]
    public async Task SetSecret_MaximumValidity_CountsFromItsCreation(int? days, bool isWritten)
    {
        await using var bed = await KeyVaultBed.StartAsync();
        bed.Vault.Policy = new() { MaximumValidityInDays = 90 };
        var secret = new KeyVaultSecret("key", "value") { Properties = { ExpiresOn = days is { } number ? bed.Time.GetUtcNow().AddDays(number) : null } };

        if (isWritten)
        {
            await bed.Client().SetSecretAsync(secret);
        }
        else
        {
            var (_, _, inner, error) = await KeyVaultBed.FailAsync(() => bed.Client().SetSecretAsync(secret));
            Assert.Equal("ForbiddenByPolicy", inner);
            Assert.Contains("maximumValidityInDays: 90", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SetSecret_SeveralPolicies_AreAllNamed()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        bed.Vault.Policy = new() { MinimumDaysBeforeExpiration = 30, ContentTypeRequired = true };

        var (_, _, _, error) = await KeyVaultBed.FailAsync(() =>
            bed.Client().SetSecretAsync(new KeyVaultSecret("key", "value") { Properties = { ExpiresOn = bed.Time.GetUtcNow().AddDays(29) } }));
        await bed.Client().SetSecretAsync(new KeyVaultSecret("key", "value") { Properties = { ContentType = "text/plain" } });

        Assert.Contains("minimumDaysBeforeExpiration: 30", error.Message, StringComparison.Ordinal);
        Assert.Contains("Secrets should have content type set", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UpdateSecret_OlderThanThePolicy_IsRefusedOnlyIfThatCountsToo(bool appliesToUpdates)
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var version = bed.Vault.Set("key", "value");
        bed.Vault.Policy = new() { ExpiryRequired = true, AppliesToUpdates = appliesToUpdates, SaysWhat = false };
        var change = new SecretProperties(new Uri(bed.Vault.VaultUri, $"secrets/key/{version.Version}")) { Enabled = false };

        if (appliesToUpdates)
        {
            var (_, _, _, error) = await KeyVaultBed.FailAsync(() => bed.Client().UpdateSecretPropertiesAsync(change));
            Assert.Contains("disallowed by policy.", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("expir", error.Message, StringComparison.OrdinalIgnoreCase);
            change.ExpiresOn = bed.Time.GetUtcNow();
        }

        await bed.Client().UpdateSecretPropertiesAsync(change);
        Assert.False(bed.Vault.Latest("key")!.Enabled);
    }

    [Theory]
    [InlineData("set")]
    [InlineData("get")]
    [InlineData("list")]
    public async Task Request_VaultOfAccessPolicies_IsRefusedInItsWords(string permission)
    {
        await using var bed = await KeyVaultBed.StartAsync(time => new() { TimeProvider = time, UsesAccessPolicies = true });
        var client = bed.Client(KeyVaultRole.None, "alice");

        var (status, code, inner, error) = await KeyVaultBed.FailAsync(() => permission switch
        {
            "set" => client.SetSecretAsync("key", "value"),
            "get" => client.GetSecretAsync("key"),
            _ => client.GetPropertiesOfSecretVersionsAsync("key").ToListAsync().AsTask(),
        });

        Assert.Equal((403, "Forbidden", "AccessDenied"), (status, code, inner));
        Assert.Contains($"'appid=alice;oid=alice;iss=https://sts.windows.net/", error.Message, StringComparison.Ordinal);
        Assert.Contains($"does not have secrets {permission} permission on key vault 'sandbox;location=", error.Message, StringComparison.Ordinal);
        Assert.Contains("linkid=2125287", error.Message, StringComparison.Ordinal);
    }
}
