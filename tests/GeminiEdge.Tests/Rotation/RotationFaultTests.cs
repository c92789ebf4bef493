using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Rotation;

public class RotationFaultTests
{
    [Theory]
    [InlineData(KeyVaultRole.None)]
    [InlineData(KeyVaultRole.Reader)]
    [InlineData(KeyVaultRole.SecretsUser)]
    public async Task AnyCommand_WithoutTheRole_IsDeniedAndNamesIt(KeyVaultRole role)
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);

        var result = await bed.Operator(role: role).PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.AccessDenied, result);
        Assert.Contains("Key Vault Secrets Officer", result.Message, StringComparison.Ordinal);
        Assert.Contains(bed.Vault.VaultUri.GetLeftPart(UriPartial.Authority), result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WithoutTheRole_SaysSo()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);

        var denied = await bed.Operator(role: KeyVaultRole.None).ReadAsync(default);
        var read = await bed.Operator("bert@desktop").ReadAsync(default);

        Assert.Equal((RotationOutcome.AccessDenied, 0), (denied.Failure!.Outcome, denied.Slots.Length));
        Assert.Equal((null, 10), (read.Failure, read.Slots.Length));
    }

    [Fact]
    public async Task AnyCommand_VaultFails_SaysHowAndWhatToDo()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        (KeyVaultFault Fault, string Words)[] faults =
        [
            (KeyVaultFault.Throttled429, "throttles: try again in a minute"),
            (KeyVaultFault.Unavailable503, "failed with status 503"),
            (KeyVaultFault.Outage, "can't be reached"),
        ];

        foreach (var (fault, words) in faults)
        {
            bed.Vault.Fault = fault;
            var result = await bed.Operator().RollbackAsync(default);
            RotationBed.AssertEnded(RotationOutcome.Failed, result);
            Assert.Contains(words, result.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("unavailable")]
    [InlineData("throttled")]
    [InlineData("reset")]
    public async Task Leak_ReadsFailOnce_IsDoneWithoutBeingRunAgain(string how)
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        var (leaked, standby, began) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary), bed.Time.GetUtcNow());
        var fault = how switch
        {
            "unavailable" => KeyVaultFault.Unavailable503,
            "throttled" => KeyVaultFault.Throttled429,
            _ => KeyVaultFault.Outage,
        };
        var due = new HashSet<string> { "records", "slot", "earlier version" };
        bed.Vault.OnRequest = request =>
        {
            var read = request switch
            {
                { IsWrite: true } or { Principal: null } => "",
                { Operation: KeyVaultOperation.ListVersions, SecretName: RotationRecord.Secret } => "records",
                { Operation: KeyVaultOperation.Get, Version: not null } => "earlier version",
                { Operation: KeyVaultOperation.Get, SecretName: "GEMINI-API-KEY-PRIMARY" } when bed.Value(KeySlot.Primary) == standby => "slot",
                _ => "",
            };
            lock (due)
            {
                return due.Remove(read) ? fault : null;
            }
        };

        var result = await bed.Operator().LeakAsync(KeySlot.Primary, null, null, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Empty(due);
        Assert.DoesNotContain(leaked, bed.Values());
        Assert.InRange((bed.Time.GetUtcNow() - began).TotalSeconds, 0, 60);
    }

    [Fact]
    public async Task AnyCommand_ReadsKeepFailing_LeavesNoLockBehind()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        var next = bed.Put(KeySlot.Secondary);
        bed.Vault.OnRequest = request => request.SecretName == KeySlot.Slot9.Secret() ? KeyVaultFault.Unavailable503 : null;
        RotationBed.AssertEnded(RotationOutcome.Failed, await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default));
        bed.CalmDown();

        var result = await bed.Operator("bert@desktop").PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal(next, bed.Value(KeySlot.Primary));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnyCommand_AWriteFails_KeepsTheLockIfItMayStillLand(bool isRefused)
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        var fault = isRefused ? KeyVaultFault.Forbidden403 : KeyVaultFault.Unavailable503;
        bed.Vault.OnRequest = request => request.IsWrite && request.SecretName == KeySlot.Old.Secret() ? fault : null;
        var failed = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        Assert.Equal(isRefused ? RotationOutcome.AccessDenied : RotationOutcome.Failed, failed.Outcome);
        bed.CalmDown();

        RotationBed.AssertEnded(isRefused ? RotationOutcome.Done : RotationOutcome.Refused, await bed.Operator("bert@desktop").PromoteAsync(KeySlot.Primary, replaceOld: false, default));
    }

    [Fact]
    public async Task Promote_NameOfOldIsSoftDeleted_SaysHowToBringItBack()
    {
        await using var bed = await RotationBed.StartAsync(retention: TimeSpan.FromDays(90));
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Put(KeySlot.Old);
        bed.Vault.Delete(KeySlot.Old.Secret());

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Failed, result);
        Assert.Contains("az keyvault secret recover", result.Message, StringComparison.Ordinal);
        Assert.Contains("--name GEMINI-API-KEY-OLD`", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_AfterADeadPromotion_FinishesItFirst()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        await DieAfterOldIsWrittenAsync(bed);
        var key = bed.Key();

        var result = await bed.Operator().SetAsync(KeySlot.Secondary, ApiKey.Create(key).Key!, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal((next, key, former), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Secondary), bed.Value(KeySlot.Old)));
        Assert.Contains(result.Warnings, warning => warning.Contains("An earlier promote of anna@laptop was unfinished; it is done now", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Set_AfterADeadPromotionWhoseKeyDied_TakesItBackFirst()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        await DieAfterOldIsWrittenAsync(bed);
        bed.At(next).State = SandboxKeyState.Blocked;
        var key = bed.Key();

        var result = await bed.Operator().SetAsync(KeySlot.Secondary, ApiKey.Create(key).Key!, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal((former, key, null), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Secondary), bed.Value(KeySlot.Old)));
        Assert.Contains(result.Warnings, warning => warning.Contains("it is abandoned now", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SandboxKeyState.Overloaded)]
    [InlineData(SandboxKeyState.Forbidden)]
    public async Task Set_AfterADeadPromotionWhoseKeyCanNotBeJudged_TakesItBackInsteadOfWaiting(SandboxKeyState state)
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        await DieAfterOldIsWrittenAsync(bed);
        (bed.At(former).State, bed.At(next).State) = (SandboxKeyState.Expired, state);
        var fresh = bed.Key();

        var result = await bed.Operator().SetAsync(KeySlot.Primary, ApiKey.Create(fresh).Key!, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal((fresh, next, null), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Secondary), bed.Value(KeySlot.Old)));
    }

    [Fact]
    public async Task Promotion_IsTakenBack_WhatItWasToReplaceInOldStaysReadable()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        var (_, next, old) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary), bed.Put(KeySlot.Old, expires: bed.Time.GetUtcNow().AddHours(-1)));
        await DieAfterOldIsWrittenAsync(bed);
        bed.At(next).State = SandboxKeyState.Expired;

        RotationBed.AssertEnded(RotationOutcome.Refused, await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default));
        RotationBed.AssertEnded(RotationOutcome.Done, await bed.Operator().PurgeAsync(default));

        Assert.Null(bed.Value(KeySlot.Old));
        Assert.Contains(old, bed.Values());
    }

    [Theory]
    [InlineData("AIzaSy-the-leaked-key-itself", true)]
    [InlineData("1899f16ecb566f8107ce7f27761a3fbadd2c838ca48c271519ed3c971a50bb7c", false)]
    public async Task Promote_ListOfLeakedKeysCanNotBeRead_IsRefused(string text, bool enabled)
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Vault.Set(LeakedKeys.Secret, text, enabled: enabled);

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Refused, result);
        Assert.Contains(LeakedKeys.Secret, result.Message, StringComparison.Ordinal);
        Assert.Null(bed.Value(KeySlot.Old));
    }

    [Fact]
    public async Task Promote_ResumedWhileGoogleIsOverloaded_TakesNothingBack()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        await DieAfterOldIsWrittenAsync(bed);
        bed.At(next).State = SandboxKeyState.Overloaded;

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Refused, result);
        Assert.Equal((former, former), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Old)));
    }

    [Fact]
    public async Task Purge_NoOtherKeyWorks_KeepsTheOneThatCarriesAllTraffic()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        await bed.PromoteAsync();
        bed.At(KeySlot.Primary).State = SandboxKeyState.Blocked;
        bed.Time.Advance(TimeSpan.FromHours(25));
        var old = bed.Value(KeySlot.Old);

        var refused = await bed.Operator().PurgeAsync(default);
        Assert.Equal((RotationOutcome.Refused, old), (refused.Outcome, bed.Value(KeySlot.Old)));
        bed.Put(KeySlot.Slot5);
        var purged = await bed.Operator().PurgeAsync(default);

        RotationBed.AssertEnded(RotationOutcome.Done, purged);
        Assert.Null(bed.Value(KeySlot.Old));
        Assert.Contains("still works at Google", Assert.Single(purged.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Purge_BeforeItsTime_SaysUntilWhenOldIsKept()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        await bed.PromoteAsync();

        var result = await bed.Operator().PurgeAsync(default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Contains("2026-03-02 12:00 UTC", result.Message, StringComparison.Ordinal);
        Assert.NotNull(bed.Value(KeySlot.Old));
    }

    [Fact]
    public async Task Set_KeyThatAnotherSlotHolds_IsRefusedAndTheSameSlotIsDone()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        var (primary, _) = ApiKey.Create(bed.Put(KeySlot.Primary));

        var other = await bed.Operator().SetAsync(KeySlot.Slot7, primary!, default);
        var same = await bed.Operator().SetAsync(KeySlot.Primary, primary!, default);
        var old = await bed.Operator().SetAsync(KeySlot.Old, ApiKey.Create(bed.Key()).Key!, default);

        Assert.Equal((RotationOutcome.Refused, RotationOutcome.Done, RotationOutcome.Refused), (other.Outcome, same.Outcome, old.Outcome));
        Assert.Contains("PRIMARY", other.Message, StringComparison.Ordinal);
        Assert.Single(bed.Vault.Versions(KeySlot.Primary.Secret()));
    }

    [Fact]
    public async Task Set_KeyThatWasRolledBack_IsTriedAgainAndMayBePromoted()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        await bed.PromoteAsync();
        await bed.Operator().RollbackAsync(default);
        var key = bed.Value(KeySlot.Secondary)!;

        var set = await bed.Operator().SetAsync(KeySlot.Secondary, ApiKey.Create(key).Key!, default);
        var promote = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, set);
        RotationBed.AssertEnded(RotationOutcome.Done, promote);
        Assert.Equal(key, bed.Value(KeySlot.Primary));
    }

    [Fact]
    public async Task Rollback_AfterAPurge_HasNothingToRollBackTo()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        await bed.PromoteAsync();
        bed.Time.Advance(TimeSpan.FromHours(25));
        RotationBed.AssertEnded(RotationOutcome.Done, await bed.Operator().PurgeAsync(default));

        var result = await bed.Operator().RollbackAsync(default);

        RotationBed.AssertEnded(RotationOutcome.Refused, result);
        Assert.Equal("OLD is empty: there is nothing to roll back to.", result.Message);
    }

    private static async Task DieAfterOldIsWrittenAsync(RotationBed bed)
    {
        bed.Vault.AfterWrite = write =>
        {
            bed.Vault.Fault = write.Request.SecretName == KeySlot.Old.Secret() ? KeyVaultFault.Outage : KeyVaultFault.None;
            return Task.FromResult<KeyVaultFault?>(null);
        };
        RotationBed.AssertEnded(RotationOutcome.Failed, await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default));
        bed.CalmDown();
    }
}
