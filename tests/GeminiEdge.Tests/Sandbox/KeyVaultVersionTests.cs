using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Sandbox;

public class KeyVaultVersionTests
{
    [Fact]
    public async Task SetSecret_NewName_ReturnsWhatGetThenReads()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();
        var secret = new KeyVaultSecret("KEY", "first \n valué")
        {
            Properties = { ExpiresOn = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), ContentType = "text/plain", Tags = { ["state"] = "staged" } },
        };

        var set = (await client.SetSecretAsync(secret)).Value;
        var read = (await client.GetSecretAsync("KEY")).Value;

        Assert.Equal("first \n valué", read.Value);
        Assert.Equal((set.Id, "text/plain", "staged"), (read.Id, read.Properties.ContentType, read.Properties.Tags["state"]));
        Assert.Equal(new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), read.Properties.ExpiresOn);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), read.Properties.CreatedOn);
        Assert.Equal((true, "Recoverable", 90), (read.Properties.Enabled, read.Properties.RecoveryLevel, read.Properties.RecoverableDays));
        Assert.Matches("^[0-9a-f]{32}$", read.Properties.Version);
    }

    [Fact]
    public async Task GetSecret_SeveralVersionsInOneSecond_ReadsTheLastWrittenAndEachByItsId()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();
        var versions = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            versions.Add((await client.SetSecretAsync("key", $"value {i}")).Value.Properties.Version);
        }

        Assert.Equal("value 4", (await client.GetSecretAsync("KEY")).Value.Value);
        Assert.Equal("value 2", (await client.GetSecretAsync("key", versions[2])).Value.Value);
        Assert.Equal(versions, bed.Vault.Versions("key").Select(version => version.Version));
    }

    [Fact]
    public async Task UpdateSecretProperties_OfAnOldVersion_ChangesThatOneAndNoValue()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();
        var old = bed.Vault.Set("key", "old", new Dictionary<string, string> { ["a"] = "1" });
        bed.Vault.Set("key", "new");
        bed.Time.Advance(TimeSpan.FromSeconds(10));

        var properties = (await client.GetSecretAsync("key", old.Version)).Value.Properties;
        properties.Tags.Clear();
        properties.Tags["b"] = "2";
        properties.Enabled = false;
        var updated = (await client.UpdateSecretPropertiesAsync(properties)).Value;

        Assert.Equal((false, TimeSpan.FromSeconds(10)), (updated.Enabled, updated.UpdatedOn - updated.CreatedOn));
        Assert.Equal([KeyValuePair.Create("b", "2")], bed.Vault.Versions("key")[0].Tags);
        Assert.Equal(("old", "new", true), (bed.Vault.Versions("key")[0].Value, bed.Vault.Latest("key")!.Value, bed.Vault.Latest("key")!.Enabled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetSecret_DisabledVersion_IsForbiddenAndFallsBackToNone(bool newest)
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var old = bed.Vault.Set("key", "old");
        bed.Vault.Set("key", "new");
        bed.Vault.SetEnabled("key", false, newest ? null : old.Version);

        var (status, code, inner, error) = await KeyVaultBed.FailAsync(() => bed.Client().GetSecretAsync("key", newest ? null : old.Version));

        Assert.Equal((403, "Forbidden", "SecretDisabled"), (status, code, inner));
        Assert.Contains("Operation get is not allowed on a disabled secret.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetSecret_ExpiredOrNotYetValid_IsReadAllTheSame()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        bed.Vault.Set("expired", "e", expires: bed.Time.GetUtcNow().AddDays(-1));
        bed.Vault.Set("early", "n", notBefore: bed.Time.GetUtcNow().AddDays(1));

        Assert.Equal("e", (await bed.Client().GetSecretAsync("expired")).Value.Value);
        Assert.Equal("n", (await bed.Client().GetSecretAsync("early")).Value.Value);
    }

    [Fact]
    public async Task GetSecret_UnknownNameOrVersion_IsNotFound()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        bed.Vault.Set("key", "value");

        var name = await KeyVaultBed.FailAsync(() => bed.Client().GetSecretAsync("none"));
        var version = await KeyVaultBed.FailAsync(() => bed.Client().GetSecretAsync("key", new string('0', 32)));

        Assert.Equal((404, "SecretNotFound", 404, "SecretNotFound"), (name.Status, name.Code, version.Status, version.Code));
    }

    [Theory]
    [InlineData("bad_name", 1, 0)]
    [InlineData("key", 25 * 1024 + 1, 0)]
    [InlineData("key", 1, 16)]
    public async Task SetSecret_OutsideTheLimits_IsABadParameter(string name, int length, int tags)
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var secret = new KeyVaultSecret(name, new string('x', length));
        Enumerable.Range(0, tags).ToList().ForEach(i => secret.Properties.Tags[$"t{i}"] = "");

        var (status, code, _, _) = await KeyVaultBed.FailAsync(() => bed.Client().SetSecretAsync(secret));

        Assert.Equal((400, "BadParameter"), (status, code));
        Assert.Empty(bed.Vault.Names);
    }

    [Fact]
    public async Task SetSecret_FromManyClientsAtOnce_LosesNoVersion()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.SetSecretAsync("key", $"{i}")));

        Assert.Equal(50, bed.Vault.Versions("key").Select(version => version.Value).Distinct().Count());
        Assert.Equal(bed.Vault.Latest("key")!.Value, (await client.GetSecretAsync("key")).Value.Value);
    }

    [Fact]
    public void ToString_OfAnythingThatHoldsAValue_DoesNotShowIt()
    {
        var version = new SecretVersion { Name = "key", Version = "0", Value = "AIza-secret" };

        Assert.Equal("key/0", $"{version}");
        Assert.DoesNotContain("AIza", $"{new SecretChange { Value = "AIza-secret" }}{new GeminiEdge.Sandbox.KeyVault.DeletedSecret(version, default, default)}", StringComparison.Ordinal);
    }
}
