using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Cli;

public class KeysCommandTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Keys_EverySortOfSlot_EachStateIsNamed()
    {
        await using var bed = await CliBed.StartAsync();
        var primary = bed.Put(KeySlot.Primary);
        bed.Vault.Set(KeySlot.Secondary.Secret(), primary.Value);
        bed.Put(KeySlot.Slot3, SandboxKeyState.Expired);
        bed.Put(KeySlot.Slot4, SandboxKeyState.QuotaMinute);
        bed.Vault.Set(KeySlot.Slot5.Secret(), "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/k)");
        var leaked = bed.Put(KeySlot.Slot6);
        bed.Vault.Set(LeakedKeys.Secret, LeakedKeys.HashOf(ApiKey.Create(leaked.Value).Key!));
        bed.Vault.Set(KeySlot.Slot7.Secret(), SecretValue.Empty);
        bed.Put(KeySlot.Slot8, tags: new Dictionary<string, string> { ["state"] = "rolled-back" });
        bed.Put(KeySlot.Old, SandboxKeyState.Invalid, expires: Now.AddHours(-1));

        var run = await bed.RunAsync("keys", "--json");

        Assert.Equal(0, run.ExitCode);
        var slots = run.Json["slots"]!.AsArray().Select(slot => slot!.AsObject()).ToList();
        Assert.Equal(
            ["PRIMARY healthy", "SECONDARY due", "3 key_invalid", "4 quota_minute", "5 unusable", "6 leaked", "7 empty", "8 rolled-back", "9 empty", "OLD expired"],
            slots.Select(slot => $"{slot["slot"]} {slot["state"]}"));
        Assert.Contains("unresolved Key Vault reference", slots[4]["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal([primary.Value[^4..], primary.Value[^4..]], slots.Take(2).Select(slot => slot["key_id"]!.GetValue<string>()));
        Assert.Equal(bed.Vault.Latest(KeySlot.Primary.Secret())!.Version, slots[0]["version"]!.GetValue<string>());
        Assert.Equal("key_invalid", slots[9]["verdict"]!.GetValue<string>());
        Assert.Equal(1, primary.RequestCount);
        Assert.Equal(0, leaked.RequestCount);
        Assert.DoesNotContain("null", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_AsText_IsATableWithoutEscapesOnStandardOutputAlone()
    {
        await using var bed = await CliBed.StartAsync();
        var primary = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Old, SandboxKeyState.Invalid, expires: new(2026, 1, 2, 3, 4, 0, TimeSpan.Zero));
        // A pipeline's log is no terminal, but Spectre takes it for one where it looks at the process's environment.
        bed.Environment["GITHUB_ACTIONS"] = "true";

        var (run, process) = (await bed.RunAsync("keys"), await bed.RunProcessAsync("keys"));

        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["SLOT", "PRIMARY", "SECONDARY", "OLD"], lines.Select(line => line[0]));
        Assert.Equal(["SLOT", "KEY_ID", "VERSION", "AGE", "EXPIRES", "STATE"], lines[0]);
        Assert.Equal(["PRIMARY", primary.Value[^4..], bed.Vault.Latest(KeySlot.Primary.Secret())!.Version[..8], "healthy"], [.. lines[1][..3], lines[1][^1]]);
        Assert.Equal(["SECONDARY", "empty"], lines[2]);
        Assert.Equal(["2026-01-02", "03:04", "UTC", "expired,", "key_invalid"], lines[3][^5..]);
        Assert.DoesNotContain('\u001b', run.Output + process.Output + process.Errors);
        Assert.Equal(lines.Select(line => line[0]), process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]));
        Assert.Empty(run.Errors);
    }

    [Theory]
    [InlineData("Working", 0)]
    [InlineData("QuotaMinute", 0)]
    [InlineData("Invalid", 2)]
    public async Task Keys_Check_ExitsWith2WhenGoogleRefusesAKey(string secondary, int exitCode)
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary, Enum.Parse<SandboxKeyState>(secondary));

        var (check, plain) = (await bed.RunAsync("keys", "--check"), await bed.RunAsync("keys"));

        Assert.Equal((exitCode, 0), (check.ExitCode, plain.ExitCode));
    }

    [Theory]
    [InlineData("keys", "--no-probe")]
    [InlineData("keys", "--dry-run")]
    [InlineData("probe", "--dry-run")]
    [InlineData("probe", "primary", "--dry-run")]
    public async Task Keys_WithoutProbing_ReadsTheVaultAndSendsNothingToGoogle(params string[] arguments)
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);

        var run = await bed.RunAsync([.. arguments, "--json"]);

        Assert.Equal(0, run.ExitCode);
        var primary = run.Json["slots"]![0]!.AsObject();
        Assert.Equal("unknown", primary["state"]!.GetValue<string>());
        Assert.Equal(arguments.Contains("--dry-run"), primary["would_probe"] is JsonValue);
        Assert.Empty(bed.Gemini.Requests);
        Assert.Equal(0, bed.Vault.WriteCount);
    }

    [Fact]
    public async Task Keys_SecretWithATimeThatPassed_WarnsOnStandardError()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary, expires: Now.AddDays(-1));

        var run = await bed.RunAsync("keys", "--json");

        Assert.Equal("healthy", run.Json["slots"]![0]!["state"]!.GetValue<string>());
        Assert.Contains("expiry of GEMINI-API-KEY-PRIMARY has passed", run.Errors, StringComparison.Ordinal);
    }
}
