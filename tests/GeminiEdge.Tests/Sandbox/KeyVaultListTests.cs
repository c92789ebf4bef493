using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Sandbox;

public class KeyVaultListTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(25)]
    public async Task GetPropertiesOfSecrets_InPages_ShowsEachOnceByName(int pageSize)
    {
        await using var bed = await KeyVaultBed.StartAsync(time => new() { TimeProvider = time, PageSize = pageSize });
        foreach (var name in new[] { "delta", "Bravo", "alpha", "charlie", "echo" })
        {
            bed.Vault.Set(name, "old");
            bed.Vault.Set(name, "new", new Dictionary<string, string> { ["of"] = name }, enabled: name != "echo");
        }

        var listed = await bed.Client().GetPropertiesOfSecretsAsync().ToListAsync();

        Assert.Equal(["alpha", "Bravo", "charlie", "delta", "echo"], listed.Select(secret => secret.Name));
        Assert.All(listed, secret => Assert.Equal((secret.Name, null), (secret.Tags["of"], secret.Version)));
        Assert.False(listed[^1].Enabled);
    }

    [Fact]
    public async Task GetPropertiesOfSecretVersions_InPages_ShowsEachOnceInTheOrderOfItsId()
    {
        await using var bed = await KeyVaultBed.StartAsync(time => new() { TimeProvider = time, PageSize = 3 });
        var written = Enumerable.Range(0, 10).Select(i => bed.Vault.Set("key", $"{i}", enabled: i % 2 == 0).Version).ToList();

        var listed = await bed.Client().GetPropertiesOfSecretVersionsAsync("key").ToListAsync();

        Assert.Equal(written.Order(StringComparer.Ordinal), listed.Select(version => version.Version));
        Assert.Equal(5, listed.Count(version => version.Enabled == false));
        Assert.Equal(4, bed.Vault.Requests.Count(request => request is { Operation: KeyVaultOperation.ListVersions, Status: 200 }));
    }

    [Fact]
    public async Task GetPropertiesOfSecrets_WrittenBetweenPages_ShiftsNothing()
    {
        await using var bed = await KeyVaultBed.StartAsync(time => new() { TimeProvider = time, PageSize = 1 });
        bed.Vault.Set("b", "value");
        bed.Vault.Set("d", "value");
        var seen = new List<string>();

        await foreach (var page in bed.Client().GetPropertiesOfSecretsAsync().AsPages())
        {
            seen.AddRange(page.Values.Select(secret => secret.Name));
            bed.Vault.Set("a", "value");
            bed.Vault.Set("c", "value");
        }

        Assert.Equal(["b", "c", "d"], seen);
    }

    [Fact]
    public async Task GetPropertiesOfSecretVersions_UnknownName_IsNotFound()
    {
        await using var bed = await KeyVaultBed.StartAsync();

        var (status, code, _, _) = await KeyVaultBed.FailAsync(() => bed.Client().GetPropertiesOfSecretVersionsAsync("none").ToListAsync().AsTask());

        Assert.Equal((404, "SecretNotFound"), (status, code));
    }
}
