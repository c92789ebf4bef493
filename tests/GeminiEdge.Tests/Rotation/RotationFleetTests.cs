using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using static GeminiEdge.Tests.Fleet.FleetRows;

namespace GeminiEdge.Tests.Rotation;

public class RotationFleetTests
{
    private int _polls;

    [Fact]
    public async Task Promote_TheFleetConverges_IsDoneAndProven()
    {
        await using var bed = await RotationBed.StartAsync();
        var (former, _) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        var minute = KeyTotals.MinuteOf(bed.Time.GetUtcNow()) - 1;
        var key = Key("PRIMARY", former[^4..], new AttemptMinute(minute, 90, 4, 1, 5, 0, 2), new AttemptMinute(minute - 31, 1, 1, 1, 1, 1, 1));

        var result = await bed.Operator(fleet: Fleet(bed, convergesAt: 5, key)).PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Empty(result.Warnings);
        Assert.Contains("1 of 2 active instances have read it; not yet: b.", bed.Progress);
        Assert.Contains("Converged: 2 active instances hold the newest ring.", bed.Progress);

        // Both instances counted the same.
        Assert.Equal("200 10 10 4", bed.Vault.Latest(RotationRecord.Secret)!.Tags[RotationTags.Baseline]);
    }

    [Fact]
    public async Task Promote_OneInstanceNeverConverges_ExitsNotConvergedNamesItAndIsResumed()
    {
        await using var bed = await RotationBed.StartAsync();
        var next = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary)).Item2;

        var stuck = await bed.Operator(fleet: Fleet(bed, convergesAt: int.MaxValue)).PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        var waited = _polls;
        var resumed = await bed.Operator("berta@laptop", fleet: Fleet(bed, convergesAt: 0)).PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        Assert.Equal((RotationOutcome.NotConverged, next), (stuck.Outcome, bed.Value(KeySlot.Primary)));
        Assert.Contains("1 of 2 active instances lags: b.", stuck.Message, StringComparison.Ordinal);
        Assert.InRange(waited, 130, 140);
        RotationBed.AssertEnded(RotationOutcome.Done, resumed);
        Assert.Equal(stuck.RotationId, resumed.RotationId);
    }

    [Fact]
    public async Task Promote_TheRegisterIsEmpty_WaitsAndSaysThatNothingIsProven()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);

        var result = await bed.Operator(fleet: _ => Task.FromResult(new FleetReading([]))).PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Contains("nothing is proven", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promote_TheRegisterIsAway_MovesTheKeysAndIsNotConverged()
    {
        await using var bed = await RotationBed.StartAsync();
        var next = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary)).Item2;

        var result = await bed.Operator(fleet: _ => Task.FromResult(Away)).PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        Assert.Equal((RotationOutcome.NotConverged, next), (result.Outcome, bed.Value(KeySlot.Primary)));
        Assert.Contains("It is away.", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leak_TheFleetConverges_IsDoneAndProven()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);

        var result = await bed.Operator(fleet: Fleet(bed, convergesAt: 5)).LeakAsync(KeySlot.Primary, null, null, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal((leaked[^4..], "Converged: 2 active instances hold the newest ring."), (result.LeakedId, result.Convergence));
        Assert.Empty(result.Laggards);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public async Task Leak_OneInstanceNeverConverges_GoesOnAfterSixtySecondsAndNamesIt()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        var began = bed.Time.GetUtcNow();

        var stuck = await bed.Operator(fleet: Fleet(bed, convergesAt: int.MaxValue)).LeakAsync(KeySlot.Primary, null, null, default);
        var took = bed.Time.GetUtcNow() - began;
        var again = await bed.Operator(fleet: Fleet(bed, convergesAt: 0)).LeakAsync(KeySlot.Primary, null, null, default);

        RotationBed.AssertEnded(RotationOutcome.NotConverged, stuck);
        Assert.InRange(took, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(62));
        Assert.Equal("b", Assert.Single(stuck.Laggards).Instance);
        Assert.Contains("1 of 2 active instances lags: b.", Assert.Single(stuck.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain(leaked, bed.Values());

        // The vault's part is over, so that a second run only looks again.
        RotationBed.AssertEnded(RotationOutcome.Done, again);
        Assert.Equal((stuck.RotationId, leaked[^4..]), (again.RotationId, again.LeakedId));
        Assert.DoesNotContain(again.Steps, step => step.Text.Contains(":=", StringComparison.Ordinal) || step.Text.StartsWith("empty", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leak_TheRegisterIsAway_TakesTheKeyOutAndProvesNothing()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);

        var result = await bed.Operator(fleet: _ => Task.FromResult(Away)).LeakAsync(KeySlot.Primary, null, null, default);

        RotationBed.AssertEnded(RotationOutcome.NotConverged, result);
        Assert.Contains("It is away.", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain(leaked, bed.Values());
    }

    [Fact]
    public async Task Watch_ThePromotedKeyIsRejectedEverywhere_RollsBackByItself()
    {
        await using var bed = await RotationBed.StartAsync();
        await bed.PromoteAsync();
        var (promoted, former) = (bed.Value(KeySlot.Primary)!, bed.Value(KeySlot.Old)!);
        var fleet = Fleet(bed, convergesAt: 0, Key("PRIMARY", promoted[^4..]).Rejected());

        var result = await Watch(bed, fleet).RunAsync(TimeSpan.FromMinutes(30), default);

        Assert.Equal((RotationOutcome.Failed, former), (result.Outcome, bed.Value(KeySlot.Primary)));
        Assert.StartsWith($"Rolled back by itself, because 2 of 2 active instances hold …{promoted[^4..]} rejected. Rolled back: PRIMARY", result.Message, StringComparison.Ordinal);
        Assert.Equal(RotationTags.StateRolledBack, bed.StateTag(KeySlot.Secondary));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1000, true)]
    public async Task Watch_NothingSpeaksAgainstTheKey_KeepsItForTheWholeTime(int overloaded, bool isWarned)
    {
        await using var bed = await RotationBed.StartAsync();
        await bed.PromoteAsync();
        var slots = bed.Slots();
        var began = bed.Time.GetUtcNow();
        var fleet = Fleet(bed, convergesAt: 0, Key("PRIMARY", bed.Value(KeySlot.Primary)![^4..], new AttemptMinute(KeyTotals.MinuteOf(began) + 1, 500, 1, 0, overloaded, 0, 0)));

        var result = await Watch(bed, fleet).RunAsync(TimeSpan.FromMinutes(30), default);

        Assert.Equal((RotationOutcome.Done, isWarned), (result.Outcome, result.Warnings.Length == 1));
        Assert.StartsWith("Kept: ", result.Message, StringComparison.Ordinal);
        Assert.Equal(slots, bed.Slots());
        Assert.InRange(bed.Time.GetUtcNow() - began, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31));
        Assert.InRange(bed.Progress.Count(line => line.StartsWith("Watching for 00:", StringComparison.Ordinal)), 5, 6);
    }

    [Theory]
    [InlineData("the slots can't be read")]
    [InlineData("the write is lost")]
    [InlineData("the write's answer is lost")]
    [InlineData("the tag is lost")]
    [InlineData("OLD's probe is overloaded")]
    [InlineData("another holds the lock")]
    public async Task Watch_AFaultThatPassesInItsRollback_IsTriedAgainUntilTheFormerKeyServes(string fault)
    {
        await using var bed = await RotationBed.StartAsync();
        await bed.PromoteAsync();
        var (promoted, former) = (bed.Value(KeySlot.Primary)!, bed.Value(KeySlot.Old)!);
        var inner = Fleet(bed, convergesAt: 0, Key("PRIMARY", promoted[^4..]).Rejected());
        var (faults, isTriedAgain) = (0, false);
        KeyVaultFault? Once(bool isIt) => isIt && faults++ == 0 ? KeyVaultFault.Unavailable503 : null;
        bed.Vault.BeforeWrite = write => Task.FromResult(Once(fault switch
        {
            "the write is lost" => write.Request.SecretName == KeySlot.Primary.Secret(),
            "the tag is lost" => write.Request.SecretName == KeySlot.Secondary.Secret(),
            _ => false,
        }));
        bed.Vault.AfterWrite = write => Task.FromResult(Once(fault == "the write's answer is lost" && write.Request.SecretName == KeySlot.Primary.Secret()));
        bed.At(former).State = fault == "OLD's probe is overloaded" ? SandboxKeyState.Overloaded : SandboxKeyState.Working;

        var result = await Watch(bed, async cancellationToken =>
        {
            var reading = await inner(cancellationToken);

            // A read is repeated at once; this lasts longer.
            bed.Vault.OnRequest = _ => fault == "the slots can't be read" && !isTriedAgain ? KeyVaultFault.Unavailable503 : null;
            if (fault == "another holds the lock")
            {
                // A rollback of another operator, for a minute.
                faults++;
                bed.Vault.Set(RotationRecord.Secret, "x", new Dictionary<string, string>
                {
                    [RotationTags.Id] = "another",
                    [RotationTags.Operator] = "berta@laptop",
                    [RotationTags.Command] = "rollback",
                    [RotationTags.TakesOver] = "true",
                    [RotationTags.Expiry] = RotationTags.Time(bed.Time.GetUtcNow().AddMinutes(1)),
                });
            }

            return reading;
        }, line =>
        {
            if (line.Contains("is tried again", StringComparison.Ordinal))
            {
                (faults, isTriedAgain) = (faults + 1, true);
                bed.At(former).State = SandboxKeyState.Working;
            }
        }).RunAsync(TimeSpan.FromMinutes(30), default);

        Assert.True(faults > 0);
        Assert.Equal((RotationOutcome.Failed, former, (string?)null), (result.Outcome, bed.Value(KeySlot.Primary), bed.Value(KeySlot.Old)));
        Assert.StartsWith("Rolled back by itself, because ", result.Message, StringComparison.Ordinal);
        Assert.Equal(RotationTags.StateRolledBack, bed.StateTag(KeySlot.Secondary));
        Assert.Contains(bed.Progress, line => line.EndsWith("The rollback is tried again every 15 s.", StringComparison.Ordinal));

        // The record tells of all tries.
        Assert.Equal(promoted, result.Before!.Value[(int)KeySlot.Primary].Key!.Reveal());
        Assert.Equal(former, result.After!.Value[(int)KeySlot.Primary].Key!.Reveal());
    }

    [Theory]
    [InlineData(0, 3, 4)]
    [InlineData(30, 10, 130)]
    public async Task Watch_TheVaultTakesNoWrite_TriesUntilTheTimeIsOverAndSaysWhatShouldBeDone(int minutes, int least, int most)
    {
        await using var bed = await RotationBed.StartAsync();
        await bed.PromoteAsync();
        var promoted = bed.Value(KeySlot.Primary)!;
        var began = bed.Time.GetUtcNow();
        var tries = 0;
        bed.Vault.BeforeWrite = _ =>
        {
            tries++;
            return Task.FromResult<KeyVaultFault?>(KeyVaultFault.Throttled429);
        };

        var result = await Watch(bed, Fleet(bed, convergesAt: 0, Key("PRIMARY", promoted[^4..]).Rejected())).RunAsync(TimeSpan.FromMinutes(minutes), default);

        Assert.Equal((RotationOutcome.Failed, promoted), (result.Outcome, bed.Value(KeySlot.Primary)));
        Assert.Matches("^It should be rolled back, because 2 of 2 .* throttles: try again in a minute", result.Message);
        Assert.InRange(tries, least, most);
        Assert.InRange(bed.Time.GetUtcNow() - began, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes + 1));
        Assert.Single(bed.Progress, line => line.EndsWith("The rollback is tried again every 15 s.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SandboxKeyState.Invalid)]
    [InlineData(SandboxKeyState.Leaked)]
    public async Task Watch_TheKeyInOldIsDead_IsRefusedAtOnce(SandboxKeyState state)
    {
        await using var bed = await RotationBed.StartAsync();
        await bed.PromoteAsync();
        var promoted = bed.Value(KeySlot.Primary)!;
        bed.At(KeySlot.Old).State = state;
        var began = bed.Time.GetUtcNow();

        var result = await Watch(bed, Fleet(bed, convergesAt: 0, Key("PRIMARY", promoted[^4..]).Rejected())).RunAsync(TimeSpan.FromHours(2), default);

        Assert.Equal((RotationOutcome.Refused, promoted), (result.Outcome, bed.Value(KeySlot.Primary)));
        Assert.InRange(bed.Time.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Theory]
    [InlineData(6, RotationOutcome.Done)] // Each look repeats its reads twice at once.
    [InlineData(int.MaxValue, RotationOutcome.Failed)]
    internal async Task Watch_TheVaultFailsAtItsFirstRead_IsAskedThreeTimes(int faults, RotationOutcome expected)
    {
        await using var bed = await RotationBed.StartAsync();
        await bed.PromoteAsync();
        var left = faults;
        var fleet = Fleet(bed, convergesAt: 0, Key("PRIMARY", bed.Value(KeySlot.Primary)![^4..]));
        bed.Vault.OnRequest = request => request.Operation == KeyVaultOperation.Get && request.SecretName == KeySlot.Primary.Secret() && left-- > 0 ? KeyVaultFault.Unavailable503 : null;

        RotationBed.AssertEnded(expected, await Watch(bed, fleet).RunAsync(TimeSpan.FromMinutes(1), default));
        Assert.Equal(2, bed.Progress.Count(line => line.EndsWith("Once more in 15 s.", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("rollback")]
    [InlineData("leak")]
    [InlineData("set")]
    public async Task Watch_SomebodyActedMeanwhileAndNothingSpeaksAgainstTheKey_KeepsOnlyWhatItWatched(string command)
    {
        await using var bed = await RotationBed.StartAsync();
        await bed.PromoteAsync();
        var promoted = bed.Value(KeySlot.Primary)!;
        var inner = Fleet(bed, convergesAt: 0, Key("PRIMARY", promoted[^4..]));
        var other = bed.Operator("berta@laptop");
        var acted = false;

        var result = await Watch(bed, async cancellationToken =>
        {
            if (!acted)
            {
                acted = true;
                RotationBed.AssertEnded(RotationOutcome.Done, command switch
                {
                    "rollback" => await other.RollbackAsync(cancellationToken),
                    "leak" => await other.LeakAsync(KeySlot.Primary, null, null, cancellationToken),
                    _ => await other.SetAsync(KeySlot.Secondary, ApiKey.Create(bed.Key()).Key!, cancellationToken),
                });
            }

            return await inner(cancellationToken);
        }).RunAsync(TimeSpan.FromMinutes(10), default);

        RotationBed.AssertEnded(command == "set" ? RotationOutcome.Done : RotationOutcome.Failed, result);
        Assert.StartsWith(command == "set" ? "Kept: " : "Somebody changed the slots meanwhile, ", result.Message, StringComparison.Ordinal);
        Assert.Equal(bed.Slots(), result.After!.Value.Select(slot => slot.Key?.Reveal()));
    }

    [Theory]
    [InlineData(false, RotationOutcome.NotConverged)]
    [InlineData(true, RotationOutcome.Failed)]
    internal async Task Watch_OfAPromotionThatIsNotEverywhere_EndsAsNotConvergedOrRolledBack(bool isBad, RotationOutcome expected)
    {
        await using var bed = await RotationBed.StartAsync();
        var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        var key = isBad ? Key("PRIMARY", next[^4..]).Rejected() : Key("PRIMARY", next[^4..]);

        var promoted = await bed.Operator(fleet: Fleet(bed, convergesAt: int.MaxValue)).PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        var ended = GeminiEdge.Rotation.Watch.Ended(promoted, await Watch(bed, Fleet(bed, convergesAt: int.MaxValue, key)).RunAsync(TimeSpan.FromMinutes(5), default));

        Assert.True(Promotion.IsWritten(promoted, KeySlot.Primary));
        Assert.False(Promotion.IsWritten(promoted, KeySlot.Slot3));
        RotationBed.AssertEnded(expected, ended);
        Assert.Equal(isBad ? former : next, bed.Value(KeySlot.Primary));
        if (!isBad)
        {
            Assert.Matches("^Kept: .*1 of 2 active instances lags: b\\.", ended.Message);
            Assert.Equal("b", Assert.Single(ended.Laggards).Instance);
        }
    }

    [Fact]
    public async Task Promote_DoesNotWriteTheSlot_IsNothingToWatch()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Vault.BeforeWrite = write => Task.FromResult(write.Request.SecretName == KeySlot.Primary.Secret() ? KeyVaultFault.Unavailable503 : null);

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        Assert.Contains(result.Steps, step => step.Text.StartsWith("OLD := ", StringComparison.Ordinal));
        Assert.False(Promotion.IsWritten(result, KeySlot.Primary));
    }

    [Fact]
    public async Task Watch_SomebodyPromotedAgainMeanwhile_UndoesNothing()
    {
        await using var bed = await RotationBed.StartAsync();
        await bed.PromoteAsync();
        var watched = bed.Value(KeySlot.Primary)!;
        var inner = Fleet(bed, convergesAt: 0, Key("PRIMARY", watched[^4..]).Rejected());

        var result = await Watch(bed, async cancellationToken =>
        {
            bed.Put(KeySlot.Secondary);
            await bed.Operator("berta@laptop").PromoteAsync(KeySlot.Primary, replaceOld: true, cancellationToken);
            return await inner(cancellationToken);
        }).RunAsync(TimeSpan.FromMinutes(30), default);

        Assert.Equal((RotationOutcome.Failed, watched), (result.Outcome, bed.Value(KeySlot.Old)));
        Assert.Contains("Somebody changed the slots meanwhile", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_NothingWasPromoted_IsRefused()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);

        Assert.Equal(RotationOutcome.Refused, (await Watch(bed, Fleet(bed, 0)).RunAsync(TimeSpan.FromMinutes(1), default)).Outcome);
    }

    [Fact]
    public async Task Watch_TheRegisterIsAwayAllTheTime_Fails()
    {
        await using var bed = await RotationBed.StartAsync();
        await bed.PromoteAsync();

        Assert.Equal("It is away.", (await Watch(bed, _ => Task.FromResult(Away)).RunAsync(TimeSpan.FromMinutes(1), default)).Message);
    }

    private static readonly FleetReading Away = new([], new RotationResult(RotationOutcome.Failed, "It is away."));

    private static Watch Watch(RotationBed bed, Func<CancellationToken, Task<FleetReading>> fleet, Action<string>? hears = null) =>
        new(bed.Operator(fleet: _ => Task.FromResult(new FleetReading([]))), fleet, bed.Time, line =>
        {
            bed.Progress.Enqueue(line);
            hears?.Invoke(line);
        });

    /// <summary>Two active instances, of which one reads the vault at once, and the other when it has been asked for so often.</summary>
    private Func<CancellationToken, Task<FleetReading>> Fleet(RotationBed bed, int convergesAt, params FleetKey[] keys) => async cancellationToken =>
    {
        var slots = await bed.Operator().ReadAsync(cancellationToken);
        var newest = NewestRing.Fingerprint(slots.Slots, slots.Leaked);
        var (now, polls) = (bed.Time.GetUtcNow(), ++_polls);
        ImmutableArray<FleetRow> rows = [Row("a", newest, now, keys), Row("b", polls >= convergesAt ? newest : "old", now, keys)];
        return new FleetReading(rows);
    };
}
