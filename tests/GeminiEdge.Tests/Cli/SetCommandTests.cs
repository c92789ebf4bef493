using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Cli;

public class SetCommandTests
{
    [Fact]
    public async Task Set_KeyOnStandardInput_IsProbedAndStored()
    {
        await using var bed = await CliBed.StartAsync();
        var key = bed.AddKey();
        bed.Environment["GITHUB_ACTOR"] = "whoever-started-it-first";
        bed.Environment["GITHUB_TRIGGERING_ACTOR"] = "anna";

        var run = await bed.EndAsync(bed.StartProcess("set", "secondary", "--json"), $"{key.Value}\r\n");

        Assert.Equal((0, "done"), (run.ExitCode, run.Json["outcome"]!.GetValue<string>()));
        Assert.Equal(key.Value[^4..], bed.IdOf(KeySlot.Secondary));
        Assert.Equal(1, key.RequestCount);
        Assert.Contains($"…{key.Value[^4..]}", run.Output, StringComparison.Ordinal);
        Assert.Equal("anna@github", bed.Vault.Latest("GEMINI-EDGE-ROTATION")!.Tags["operator"]);
    }

    [Fact]
    public async Task Set_ByASchedule_IsNobodysInParticular()
    {
        await using var bed = await CliBed.StartAsync();
        var key = bed.AddKey();
        bed.Environment["GITHUB_EVENT_NAME"] = "schedule";
        bed.Environment["GITHUB_TRIGGERING_ACTOR"] = "whoever-changed-the-file-last";

        var run = await bed.RunWithInputAsync(key.Value, "set", "SECONDARY");

        Assert.Equal((0, "schedule@github"), (run.ExitCode, bed.Vault.Latest("GEMINI-EDGE-ROTATION")!.Tags["operator"]));
    }

    [Fact]
    public async Task Set_WithADate_TheSecretExpiresThenAndSoItDoesOncePromoted()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var key = bed.AddKey();

        var set = await bed.RunWithInputAsync(key.Value, "set", "SECONDARY", "--expires", "2099-03-01");
        var promote = await bed.RunAsync("promote", "--refresh-interval", "00:00:01");

        var end = new DateTimeOffset(2099, 3, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal((0, 0), (set.ExitCode, promote.ExitCode));
        Assert.Equal((end, key.Value), (bed.Vault.Latest("GEMINI-API-KEY-PRIMARY")!.ExpiresOn, bed.Vault.Latest("GEMINI-API-KEY-PRIMARY")!.Value));
    }

    [Fact]
    public async Task Set_TheSameKeyWithAnotherDate_GivesItThatDate()
    {
        await using var bed = await CliBed.StartAsync();
        var key = bed.Put(KeySlot.Secondary);

        var again = await bed.RunWithInputAsync(key.Value, "set", "SECONDARY");
        var writes = bed.Vault.WriteCount;
        var dated = await bed.RunWithInputAsync(key.Value, "set", "SECONDARY", "--expires", "2099-03-01");

        Assert.Equal((0, 0), (again.ExitCode, dated.ExitCode));
        Assert.True(bed.Vault.WriteCount > writes);
        Assert.Equal(2099, bed.Vault.Latest("GEMINI-API-KEY-SECONDARY")!.ExpiresOn!.Value.Year);
    }

    [Fact]
    public async Task Set_VaultWhosePolicyDemandsAnExpiry_TakesADayOrSaysWhatIsMissing()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Vault.Policy = new() { ExpiryRequired = true };
        var key = bed.AddKey();

        var without = await bed.RunWithInputAsync(key.Value, "set", "SECONDARY", "--json");
        var (written, slots) = (bed.Vault.WriteCount, bed.Vault.Names.Count);
        var with = await bed.RunWithInputAsync(key.Value, "set", "SECONDARY", "--expires", "2099-03-01");

        Assert.Equal((4, "access_denied", 0, 0), (without.ExitCode, without.Json["outcome"]!.GetValue<string>(), written, slots));
        Assert.Contains("Key Vault secrets should have an expiration date", without.Errors, StringComparison.Ordinal);
        Assert.Contains("--expires", without.Errors, StringComparison.Ordinal);
        with.AssertEnded(0);
        Assert.All(bed.Vault.Names, name => Assert.Equal(2099, bed.Vault.Latest(name)!.ExpiresOn!.Value.Year));
    }

    [Theory]
    [InlineData("40d", 40)]
    [InlineData("36h", 1.5)]
    [InlineData("2.00:00:00", 2)]
    public async Task Set_WithAnAge_NothingItWritesLivesLonger(string age, double days)
    {
        await using var bed = await CliBed.StartAsync();

        (await bed.RunWithInputAsync(bed.AddKey().Value, "set", "SECONDARY", "--max-age", age)).AssertEnded(0);

        Assert.All(bed.Vault.Names, name => Assert.InRange((bed.Vault.Latest(name)!.ExpiresOn!.Value - bed.Vault.Latest(name)!.CreatedOn).TotalDays, days - 0.01, days));
    }

    [Theory]
    [InlineData("ninety")]
    [InlineData("90")]
    [InlineData("0d")]
    [InlineData("30m")]
    [InlineData("9999d")]
    public async Task Set_AgeThatIsNone_IsRefusedBeforeTheKeyIsRead(string age)
    {
        await using var bed = await CliBed.StartAsync();

        var option = await bed.RunAsync("set", "SECONDARY", "--max-age", age);
        bed.Environment["GEMINI_KEYVAULT_MAX_AGE"] = age;
        var setting = await bed.RunAsync("set", "SECONDARY");

        Assert.Equal((64, 64, 0), (option.ExitCode, setting.ExitCode, bed.Vault.WriteCount));
        Assert.Contains("--max-age is a duration as 90d", option.Errors, StringComparison.Ordinal);
        Assert.Contains("GEMINI_KEYVAULT_MAX_AGE is a duration as 90d", setting.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tomorrow")]
    [InlineData("01/03/2099")]
    [InlineData("2020-01-01")]
    public async Task Set_DateThatIsNoneOrPast_IsRefusedBeforeTheKeyIsRead(string date)
    {
        await using var bed = await CliBed.StartAsync();

        var run = await bed.RunAsync("set", "SECONDARY", "--expires", date);

        Assert.Equal((64, 0), (run.ExitCode, bed.Vault.WriteCount));
        Assert.Contains("--expires", run.Errors, StringComparison.Ordinal);
        Assert.Contains("2026-12-31", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "No key was given")]
    [InlineData(" \n\n", "No key was given")]
    [InlineData("AIzaSyD-0neKeyOnItsOwnLine_1234567890\nAIzaSyD-An0therKeyBelow_12345678901\n", "holds a line break")]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/k)", "unresolved Key Vault reference")]
    [InlineData("AIzaSyD", "shorter than 16 characters")]
    [InlineData("\"AIzaSyD-0neKeyOnItsOwnLine_1234567890\"\n", "What came instead of a key stands in quotes: store the key alone, without them.")]
    [InlineData("Bearer AIzaSyD-0neKeyOnItsOwnLine_1234567890", "What came instead of a key begins with the word Bearer")]
    [InlineData("export GEMINI_API_KEY=AIzaSyD-0neKeyOnItsOwnLine_1234567890", "What came instead of a key is a whole line")]
    [InlineData("YOUR_API_KEY", "What came instead of a key is a placeholder")]
    public async Task Set_InputThatIsNoKey_IsRefusedAndWritesNothing(string input, string why)
    {
        await using var bed = await CliBed.StartAsync();

        var run = await bed.RunWithInputAsync(input, "set", "PRIMARY");

        Assert.Equal((3, "", 0), (run.ExitCode, run.Output, bed.Vault.WriteCount));
        Assert.Contains(why, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("AIza", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_InputWithoutEnd_IsCutOffAndRefused()
    {
        await using var bed = await CliBed.StartAsync();

        var run = await bed.RunWithInputAsync(new string('k', 8 * 1024), "set", "PRIMARY");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("longer than 1024 characters", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_KeyThatIsThereOrFails_IsRefusedAndTheSlotStays()
    {
        await using var bed = await CliBed.StartAsync();
        var primary = bed.Put(KeySlot.Primary);
        var secondary = bed.Put(KeySlot.Secondary);
        var expired = bed.AddKey(SandboxKeyState.Blocked);

        var duplicate = await bed.RunWithInputAsync(primary.Value, "set", "SECONDARY");
        var dead = await bed.RunWithInputAsync(expired.Value, "set", "SECONDARY", "--json");

        Assert.Equal((3, "", 3), (duplicate.ExitCode, duplicate.Output, dead.ExitCode));
        Assert.Contains("PRIMARY", duplicate.Errors, StringComparison.Ordinal);
        Assert.Contains("key_blocked", dead.Json["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(secondary.Value[^4..], bed.IdOf(KeySlot.Secondary));
    }

    [Fact]
    public async Task Set_DryRun_ProbesAndWritesNothing()
    {
        await using var bed = await CliBed.StartAsync();
        var key = bed.AddKey();

        var run = await bed.RunWithInputAsync(key.Value, "set", "PRIMARY", "--dry-run");

        Assert.Equal((0, 0, 1), (run.ExitCode, bed.Vault.WriteCount, key.RequestCount));
        Assert.Contains($"would: PRIMARY := the new key …{key.Value[^4..]}", run.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing was written", run.Output, StringComparison.Ordinal);
    }
}
