using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Rotation;

public class RotationLockTests
{
    [Fact]
    public async Task Promote_AnotherOperatorAfterEachWrite_OneRotatesAndTheOtherIsRefused()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        for (var number = 1; ; number++)
        {
            bed.Reset();
            var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
            RotationResult? other = null;
            AfterWrite(bed, number, async () => other = await bed.Operator("bert@desktop").PromoteAsync(KeySlot.Primary, replaceOld: false, default));

            var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

            RotationBed.AssertEnded(RotationOutcome.Done, result);
            Assert.Equal((next, former), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Old)));
            if (other is null)
            {
                Assert.True(number > 4);
                return;
            }

            RotationBed.AssertEnded(RotationOutcome.Refused, other);
            Assert.True(other.Message.Contains("anna@laptop", StringComparison.Ordinal) || other.Message.Contains("nothing to promote", StringComparison.Ordinal), other.Message);
        }
    }

    [Fact]
    public async Task Promote_IsStoppedAfterEachWrite_AnotherOperatorFinishesItWithoutWaiting()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        for (var number = 2; ; number++)
        {
            bed.Reset();
            var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
            using var stop = new CancellationTokenSource();
            AfterWrite(bed, number, stop.CancelAsync);
            var run = bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, stop.Token);
            if (await Task.WhenAny(run) is { IsCompletedSuccessfully: true })
            {
                Assert.True(number > 4);
                return;
            }

            await Assert.ThrowsAnyAsync<Exception>(() => run);
            Assert.True(stop.IsCancellationRequested);
            bed.CalmDown();

            var result = await bed.Operator("bert@desktop").PromoteAsync(KeySlot.Primary, replaceOld: false, default);

            Assert.True(result.Outcome == RotationOutcome.Done || (number == 5 && result.Message.Contains("nothing to promote", StringComparison.Ordinal)), $"{number}: {result.Message}");
            Assert.Equal((next, former), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Old)));
        }
    }

    [Fact]
    public async Task Promote_VaultIsReadSlowlyWhileItIsOvertaken_LooksAgainBeforeItWrites()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        var (former, _) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        var reads = 0;
        bed.Vault.OnRequest = request =>
        {
            // The slots were looked at before the lock was taken, and once since. The records have been read again; now a slot
            // takes 8 s, and meanwhile somebody takes the lock over.
            if (request is { Operation: KeyVaultOperation.Get, SecretName: "GEMINI-API-KEY-9", Principal: "anna@laptop" } && ++reads == 3)
            {
                Support.Eventually.IsAsync(() => bed.Vault.Requests.Count(r => r is { SecretName: RotationRecord.Secret, Operation: KeyVaultOperation.ListVersions, Status: 200 }) >= 3).GetAwaiter().GetResult();
                bed.Vault.Set(RotationRecord.Secret, "other", new Dictionary<string, string>
                {
                    [RotationTags.Id] = "other",
                    [RotationTags.Operator] = "bert@desktop",
                    [RotationTags.Command] = "rollback",
                    [RotationTags.TakesOver] = "true",
                    [RotationTags.Expiry] = RotationTags.Time(bed.Time.GetUtcNow().AddMinutes(2)),
                });
                return KeyVaultFault.SlowBy(TimeSpan.FromSeconds(8));
            }

            return null;
        };

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Failed, result);
        Assert.Contains("Overtaken by the rollback of bert@desktop", result.Message, StringComparison.Ordinal);
        Assert.Equal((former, null), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Old)));
    }

    [Fact]
    public async Task Promote_VaultIsAlwaysSlow_FailsInsteadOfRiskingAWrite()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Vault.OnRequest = request => request.SecretName == "GEMINI-API-KEY-9" ? KeyVaultFault.SlowBy(TimeSpan.FromSeconds(3)) : null;

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Failed, result);
        Assert.Contains("longer than 2 s", result.Message, StringComparison.Ordinal);
        Assert.Null(bed.Value(KeySlot.Old));
    }

    [Theory]
    [InlineData(180, "180 s ahead of")]
    [InlineData(-86400, "86400 s behind")]
    [InlineData(20, null)]
    public async Task Promote_OperatorsClockIsOff_IsRefusedBeforeAnythingIsWritten(int seconds, string? sentence)
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);

        var result = await bed.Operator(time: new Support.OffsetTime(bed.Time, TimeSpan.FromSeconds(seconds))).PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(sentence is null ? RotationOutcome.Done : RotationOutcome.Refused, result);
        Assert.Contains(sentence ?? "", result.Message, StringComparison.Ordinal);
        Assert.Equal(sentence is null, bed.Value(KeySlot.Old) is not null);
    }

    [Fact]
    public void Client_OfAnOperator_SendsAWriteOnceAndWaitsLessThanTheLockDoes()
    {
        var options = RotationStore.ClientOptions;

        Assert.Equal(0, options.Retry.MaxRetries);
        Assert.InRange(options.Retry.NetworkTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Promote_LockWasWrittenTwice_IsNotItsOwnRival()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Vault.BeforeWrite = write =>
        {
            // As if the first answer was lost and the connection sent it again: the earlier version bears the same id.
            if (write.Request is { SecretName: RotationRecord.Secret, Operation: KeyVaultOperation.Set } && bed.Vault.Latest(RotationRecord.Secret) is null)
            {
                bed.Vault.BeforeWrite = null;
                bed.Vault.AfterWrite = done =>
                {
                    bed.Vault.AfterWrite = null;
                    bed.Vault.Set(RotationRecord.Secret, done.Result!.Value, done.Result.Tags);
                    return Task.FromResult<KeyVaultFault?>(null);
                };
            }

            return Task.FromResult<KeyVaultFault?>(null);
        };

        RotationBed.AssertEnded(RotationOutcome.Done, await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default));
    }

    [Fact]
    public async Task Promote_BothAskForTheLockBeforeEitherLooks_TheEarliestWinsAndTheOtherNamesIt()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        Task<RotationResult>? other = null;
        var (asked, looked) = (new TaskCompletionSource(), new TaskCompletionSource());
        bed.Vault.AfterWrite = async write =>
        {
            if (write.Request is { SecretName: RotationRecord.Secret, Operation: KeyVaultOperation.Set, Principal: "bert@desktop" })
            {
                asked.SetResult();
                await looked.Task;
            }

            return null;
        };
        bed.Vault.BeforeWrite = async write =>
        {
            if (write.Request is { SecretName: RotationRecord.Secret, Operation: KeyVaultOperation.Set, Principal: "anna@laptop" })
            {
                other = bed.Operator("bert@desktop").PromoteAsync(KeySlot.Primary, replaceOld: false, default);
                await asked.Task;
                bed.Time.Advance(TimeSpan.FromSeconds(1));
            }

            return null;
        };

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        looked.SetResult();

        RotationBed.AssertEnded(RotationOutcome.Refused, result);
        Assert.Contains("bert@desktop has been running promote", result.Message, StringComparison.Ordinal);
        RotationBed.AssertEnded(RotationOutcome.Done, await other!);
    }

    [Fact]
    public async Task Rollback_AfterEachWriteOfAPromotion_TakesOverAndThePromotionStops()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        for (var (number, overtaken) = (1, 0); ; number++)
        {
            bed.Reset();
            var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
            var before = bed.Values();
            RotationResult? rollback = null;
            AfterWrite(bed, number, async () => rollback = await bed.Operator("bert@desktop").RollbackAsync(default));

            var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

            bed.AssertSafe(before);
            if (rollback is null)
            {
                Assert.Equal(4, overtaken);
                return;
            }

            if (rollback.Outcome == RotationOutcome.Refused)
            {
                // Nothing had been promoted yet, and nothing was taken away.
                Assert.Contains("nothing to roll back", rollback.Message, StringComparison.Ordinal);
                Assert.Equal((RotationOutcome.Done, next), (result.Outcome, bed.Value(KeySlot.Primary)));
                continue;
            }

            overtaken++;
            RotationBed.AssertEnded(RotationOutcome.Done, rollback);
            Assert.Equal((former, null), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Old)));

            // The fifth write releases the lock: by then the promotion is over.
            RotationBed.AssertEnded(number < 5 ? RotationOutcome.Failed : RotationOutcome.Done, result);
        }
    }

    [Fact]
    public async Task Promote_RollbackTookOverAndHasChangedNothingYet_StopsBeforeItsNextWrite()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        AfterWrite(bed, 2, () =>
        {
            bed.Vault.Set(RotationRecord.Secret, "x", new Dictionary<string, string>
            {
                [RotationTags.Id] = "x",
                [RotationTags.Operator] = "bert@desktop",
                [RotationTags.Command] = "rollback",
                [RotationTags.Expiry] = RotationTags.Time(bed.Time.GetUtcNow().AddMinutes(2)),
                [RotationTags.TakesOver] = "true",
            });
            return Task.CompletedTask;
        });

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Failed, result);
        Assert.Contains("Overtaken by the rollback of bert@desktop", result.Message, StringComparison.Ordinal);
        Assert.NotEqual(bed.Value(KeySlot.Secondary), bed.Value(KeySlot.Primary));
    }

    [Fact]
    public async Task Promote_SameOperatorsDeadRunHoldsTheLock_WaitsForItsEndAndFinishes()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        AfterWrite(bed, 2, () =>
        {
            bed.Vault.Fault = KeyVaultFault.Outage;
            return Task.CompletedTask;
        });
        var dead = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        var diedAt = bed.Time.GetUtcNow();
        bed.CalmDown();

        var stranger = await bed.Operator("bert@desktop").PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Failed, dead);
        RotationBed.AssertEnded(RotationOutcome.Refused, stranger);
        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Contains(bed.Progress, line => line.Contains("still holds the lock", StringComparison.Ordinal));
        Assert.True(bed.Time.GetUtcNow() - diedAt > TimeSpan.FromMinutes(1.5));
        Assert.Equal(bed.Vault.Latest(KeySlot.Old.Secret())!.Tags[RotationTags.Rotation], result.RotationId);
    }

    [Fact]
    public async Task Promote_WaitsLongerThanTheLockLives_RenewsIt()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);

        var result = await bed.Operator(refreshSeconds: 600).PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.InRange(bed.Vault.Requests.Count(request => request is { Operation: KeyVaultOperation.Update, SecretName: RotationRecord.Secret }), 20, 30);
    }

    [Fact]
    public async Task AnyEnd_Refused_LeavesNoLockBehind()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        bed.Put(KeySlot.Primary);

        RotationBed.AssertEnded(RotationOutcome.Refused, await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default));
        var result = await bed.Operator("bert@desktop").SetAsync(KeySlot.Secondary, ApiKey.Create(bed.Key()).Key!, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
    }

    [Fact]
    public async Task Promote_SlotIsChangedByHandMeanwhile_StopsAndLosesNothing()
    {
        await using var bed = await RotationBed.StartAsync(connected: true);
        var former = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        string? byHand = null;
        AfterWrite(bed, 2, () =>
        {
            byHand = bed.Put(KeySlot.Primary);
            return Task.CompletedTask;
        });

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        var again = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Failed, result);
        Assert.Contains("somebody else changed PRIMARY", result.Message, StringComparison.Ordinal);
        RotationBed.AssertEnded(RotationOutcome.Refused, again);
        Assert.Contains(RotationRecord.Superseded, Assert.Single(again.Warnings), StringComparison.Ordinal);
        Assert.Equal((byHand, former), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Old)));
    }

    /// <summary>Does something once, between a write of anna's and its answer.</summary>
    private static void AfterWrite(RotationBed bed, int number, Func<Task> interlude)
    {
        var count = 0;
        bed.Vault.AfterWrite = async write =>
        {
            if (write.Request.Principal == "anna@laptop" && ++count == number)
            {
                await interlude();
            }

            return null;
        };
    }
}
