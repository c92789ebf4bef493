using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Sandbox;

public class KeyVaultAccessTests
{
    [Fact]
    public async Task FirstRequest_OfAClient_IsChallengedWithoutItsBody()
    {
        await using var bed = await KeyVaultBed.StartAsync();

        await bed.Client().SetSecretAsync("key", "value");

        Assert.Equal([(null, 401), ("operator", 200)], bed.Vault.Requests.Select(request => (request.Principal, request.Status)));
        Assert.Single(bed.Vault.Versions("key"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Request_TokenExpiredOrRevoked_IsUnauthorizedWithAChallenge(bool expires)
    {
        await using var bed = await KeyVaultBed.StartAsync(time => new() { TimeProvider = time, TokenLifetime = TimeSpan.FromHours(1) });
        bed.Vault.Set("key", "value");
        var client = bed.ClientWithToken(bed.Vault.IssueToken("reader", KeyVaultRole.SecretsUser));
        await client.GetSecretAsync("key");

        if (expires)
        {
            bed.Time.Advance(TimeSpan.FromHours(1));
        }
        else
        {
            bed.Vault.RevokeTokens("reader");
        }

        var (status, code, _, error) = await KeyVaultBed.FailAsync(() => client.GetSecretAsync("key"));
        Assert.Equal((401, "Unauthorized"), (status, code));
        Assert.True(error.GetRawResponse()!.Headers.TryGetValue("WWW-Authenticate", out var challenge));
        Assert.Matches("^Bearer authorization=\"https://login.windows.net/[0-9a-f-]+\", resource=\"https://vault.azure.net\"$", challenge);
    }

    [Theory]
    [InlineData(KeyVaultRole.None, false, false, false)]
    [InlineData(KeyVaultRole.Reader, false, true, false)]
    [InlineData(KeyVaultRole.SecretsUser, true, true, false)]
    [InlineData(KeyVaultRole.SecretsOfficer, true, true, true)]
    public async Task Request_OfARole_MayDoWhatTheRoleAllows(KeyVaultRole role, bool mayGet, bool mayList, bool mayWrite)
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var version = bed.Vault.Set("key", "value");
        var client = bed.Client(role);

        Assert.Equal(mayGet, await IsAllowedAsync(() => client.GetSecretAsync("key")));
        Assert.Equal(mayList, await IsAllowedAsync(() => client.GetPropertiesOfSecretsAsync().ToListAsync().AsTask()));
        Assert.Equal(mayList, await IsAllowedAsync(() => client.GetPropertiesOfSecretVersionsAsync("key").ToListAsync().AsTask()));
        Assert.Equal(mayWrite, await IsAllowedAsync(() => client.SetSecretAsync("key", "other")));
        Assert.Equal(mayWrite, await IsAllowedAsync(() => client.UpdateSecretPropertiesAsync(new(new Uri(bed.Vault.VaultUri, $"secrets/key/{version.Version}")))));
        Assert.Equal(mayWrite, await IsAllowedAsync(() => client.StartDeleteSecretAsync("key")));
    }

    [Fact]
    public async Task SetSecret_WithoutTheRight_SaysWhoMayNotDoWhat()
    {
        await using var bed = await KeyVaultBed.StartAsync();

        var (status, code, inner, error) = await KeyVaultBed.FailAsync(() => bed.Client(KeyVaultRole.SecretsUser, "alice").SetSecretAsync("KEY", "value"));

        Assert.Equal((403, "Forbidden", "ForbiddenByRbac"), (status, code, inner));
        Assert.StartsWith("Caller is not authorized to perform action on resource.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Caller: appid=alice;", error.Message, StringComparison.Ordinal);
        Assert.Contains("Action: 'Microsoft.KeyVault/vaults/secrets/setSecret/action'", error.Message, StringComparison.Ordinal);
        Assert.Contains("/vaults/sandbox/secrets/key'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetRole_WhileATokenLives_CountsAtOnce()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        bed.Vault.Set("key", "value");
        var client = bed.ClientWithToken(bed.Vault.IssueToken("alice", KeyVaultRole.SecretsUser));
        await client.GetSecretAsync("key");

        bed.Vault.SetRole("alice", KeyVaultRole.None);

        Assert.False(await IsAllowedAsync(() => client.GetSecretAsync("key")));
    }

    [Fact]
    public async Task PublicVaultUri_ThroughTheProxy_PassesTheClientsVerification()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        bed.Vault.Set("key", "value");

        // Through the proxy the vault has its real name, and the client verifies the challenge as it does in Azure.
        Assert.Equal("value", (await bed.Client(throughProxy: true).GetSecretAsync("key")).Value.Value);
        Assert.Equal("https://sandbox.vault.azure.net/secrets/key", $"{(await bed.Client(throughProxy: true).GetPropertiesOfSecretsAsync().ToListAsync())[0].Id}");
    }

    private static async Task<bool> IsAllowedAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (Azure.RequestFailedException error) when (error.Status == 403)
        {
            return false;
        }
    }
}
