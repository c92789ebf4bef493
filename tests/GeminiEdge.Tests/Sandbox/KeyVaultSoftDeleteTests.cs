namespace GeminiEdge.Tests.Sandbox;

public class KeyVaultSoftDeleteTests
{
    [Fact]
    public async Task DeleteSecret_ThenRecover_BringsEveryVersionBack()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();
        bed.Vault.Set("key", "old");
        bed.Vault.Set("key", "new");

        var deleted = (await client.StartDeleteSecretAsync("key")).Value;
        Assert.Equal((bed.Time.GetUtcNow().AddMilliseconds(-250), 90), (deleted.DeletedOn, (deleted.ScheduledPurgeDate - deleted.DeletedOn)!.Value.Days));
        Assert.Equal(404, (await KeyVaultBed.FailAsync(() => client.GetSecretAsync("key"))).Status);
        Assert.Equal(["key"], (await client.GetDeletedSecretsAsync().ToListAsync()).Select(secret => secret.Name));
        Assert.True(bed.Vault.IsDeleted("key"));

        var recovery = await client.StartRecoverDeletedSecretAsync("key");
        await recovery.UpdateStatusAsync();

        Assert.True(recovery.HasCompleted);
        Assert.Equal("new", (await client.GetSecretAsync("key")).Value.Value);
        Assert.Equal(2, bed.Vault.Versions("key").Count);
    }

    [Fact]
    public async Task SetSecret_DeletedName_IsAConflict()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        bed.Vault.Set("key", "value");
        bed.Vault.Delete("key");

        var (status, code, inner, error) = await KeyVaultBed.FailAsync(() => bed.Client().SetSecretAsync("key", "again"));

        Assert.Equal((409, "Conflict", "ObjectIsDeletedButRecoverable"), (status, code, inner));
        Assert.Contains("Secret key is currently in a deleted but recoverable state, and its name cannot be reused", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PurgeDeletedSecret_UnderPurgeProtection_IsRefused(bool isProtected)
    {
        await using var bed = await KeyVaultBed.StartAsync(time => new() { TimeProvider = time, PurgeProtection = isProtected });
        var client = bed.Client();
        bed.Vault.Set("key", "value");
        bed.Vault.Delete("key");

        if (isProtected)
        {
            Assert.Equal((403, "Forbidden"), await StatusAsync(() => client.PurgeDeletedSecretAsync("key")));
        }
        else
        {
            await client.PurgeDeletedSecretAsync("key");
        }

        Assert.Equal(isProtected, bed.Vault.IsDeleted("key"));
    }

    [Fact]
    public async Task SetSecret_RetentionHasPassed_NameIsFreeAgain()
    {
        await using var bed = await KeyVaultBed.StartAsync(time => new() { TimeProvider = time, Retention = TimeSpan.FromDays(7), TokenLifetime = TimeSpan.FromDays(30) });
        bed.Vault.Set("key", "value");
        bed.Vault.Delete("key");
        bed.Time.Advance(TimeSpan.FromDays(7));

        await bed.Client().SetSecretAsync("key", "again");

        Assert.Equal("again", Assert.Single(bed.Vault.Versions("key")).Value);
    }

    private static async Task<(int, string?)> StatusAsync(Func<Task> call)
    {
        var (status, code, _, _) = await KeyVaultBed.FailAsync(call);
        return (status, code);
    }
}
