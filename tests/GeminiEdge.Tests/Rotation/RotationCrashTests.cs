using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Rotation;

/// <summary>
/// Through the real client: the world stops after every write, every call fails once, the answer of every write is
/// lost. Each time the edge still answers, no key is lost, and the same command run again ends as if nothing had been.
/// </summary>
public class RotationCrashTests
{
    private static readonly Dictionary<string, Scenario> Scenarios = new()
    {
        ["promote"] = new(bed => Fill(bed, KeySlot.Primary, KeySlot.Secondary), rotator => rotator.PromoteAsync(KeySlot.Primary, replaceOld: false, default)),
        ["promote 3"] = new(
            bed => Fill(bed, KeySlot.Primary, KeySlot.Secondary, KeySlot.Slot3), rotator => rotator.PromoteAsync(KeySlot.Slot3, replaceOld: false, default)),
        ["promote first"] = new(bed => Fill(bed, KeySlot.Secondary), rotator => rotator.PromoteAsync(KeySlot.Primary, replaceOld: false, default)),
        ["rollback"] = new(Promoted, rotator => rotator.RollbackAsync(default)),
        ["set"] = new(bed => Fill(bed, KeySlot.Primary, KeySlot.Secondary), rotator => rotator.SetAsync(KeySlot.Secondary, ApiKey.Create(NewKey).Key!, default)),
        ["leak"] = new(bed => Leaked(bed, KeySlot.Primary), rotator => rotator.LeakAsync(KeySlot.Primary, null, null, default), MayGo: Keys[0]),
        ["leak SECONDARY"] = new(bed => Leaked(bed, KeySlot.Secondary), rotator => rotator.LeakAsync(KeySlot.Secondary, null, null, default), MayGo: Keys[1]),
        ["leak without standby"] = new(
            bed => Fill(bed, KeySlot.Primary), rotator => rotator.LeakAsync(KeySlot.Primary, null, ApiKey.Create(NewKey).Key!, default), MayGo: Keys[0]),
        ["purge"] = new(Expired, rotator => rotator.PurgeAsync(default), MayGo: Keys[^1]),
    };

    public static TheoryData<string> Commands => [.. Scenarios.Keys];

    private static string[] Keys => [.. KeySlots.All.Select(slot => $"AIzaSy-the-key-that-stands-in-{slot}")];

    private static string NewKey => "AIzaSy-a-new-key-of-google";

    [Theory]
    [MemberData(nameof(Commands))]
    public Task AnyCommand_WorldStopsAfterAnyWrite_IsFinishedByARerun(string command) => EachAsync(command, (bed, number) =>
    {
        var count = 0;
        bed.Vault.AfterWrite = _ =>
        {
            if (++count == number)
            {
                bed.Vault.Fault = KeyVaultFault.Outage;
            }

            return Task.FromResult<KeyVaultFault?>(null);
        };
        return () => count >= number;
    });

    [Theory]
    [MemberData(nameof(Commands))]
    public Task AnyCommand_AnswerOfAnyWriteIsLost_IsFinishedByARerun(string command) => EachAsync(command, (bed, number) =>
    {
        var count = 0;
        bed.Vault.AfterWrite = _ => Task.FromResult(++count == number ? KeyVaultFault.Outage : null);
        return () => count >= number;
    });

    [Theory]
    [MemberData(nameof(Commands))]
    public Task AnyCommand_AnyCallFails_IsFinishedByARerun(string command) => EachAsync(command, (bed, number) =>
    {
        var count = 0;
        bed.Vault.OnRequest = request => request.Principal is not null && Interlocked.Increment(ref count) == number ? KeyVaultFault.Unavailable503 : null;
        return () => count >= number;
    }, connected: false);

    [Theory]
    [InlineData("promote")]
    [InlineData("leak")]
    public Task AnyCommand_AnyCallFailsInAGovernedVault_IsFinishedByARerun(string command) => EachAsync(command, (bed, number) =>
    {
        var count = 0;
        bed.Vault.Policy = new() { MaximumValidityInDays = 30, ContentTypeRequired = true };
        bed.Vault.OnRequest = request => request.Principal is not null && Interlocked.Increment(ref count) == number ? KeyVaultFault.Unavailable503 : null;
        return () => count >= number;
    }, connected: false);

    /// <summary>Disturbs a command in one way after the other, until it ends before the disturbance comes.</summary>
    /// <param name="connected">The disturbance is one of connections, and not an answer.</param>
    private static async Task EachAsync(string command, Func<RotationBed, int, Func<bool>> disturb, bool connected = true)
    {
        var scenario = Scenarios[command];
        await using var bed = await RotationBed.StartAsync(connected);
        foreach (var key in Keys.Append(NewKey))
        {
            bed.Gemini.AddKey(key);
        }

        scenario.Prepare(bed);
        RotationBed.AssertEnded(RotationOutcome.Done, await scenario.Run(bed.Operator()));
        var undisturbed = Outcome(bed);

        var resumed = new HashSet<int>();
        for (var number = 1; ; number++)
        {
            // 1. Disturbed.
            bed.Reset();
            scenario.Prepare(bed);
            var (before, writes) = (bed.Values(), bed.Vault.WriteCount);
            var happened = disturb(bed, number);
            var result = await scenario.Run(bed.Operator());
            if (!happened())
            {
                Assert.True(number > 3, "Nothing was disturbed.");
                return;
            }

            bed.CalmDown();
            bed.AssertSafe(before, scenario.MayGo);
            if (result.Outcome == RotationOutcome.Done)
            {
                // All but the lock's release was done, or the connection carried the write a second time.
                Assert.Equal(undisturbed, Outcome(bed));
            }
            else
            {
                RotationBed.AssertEnded(RotationOutcome.Failed, result);
            }

            // 2. Again: once for each number of writes that were done, because then the same stands in the vault.
            if (resumed.Add(bed.Vault.WriteCount - writes))
            {
                bed.Vault.AfterWrite = _ =>
                {
                    bed.AssertSafe(before, scenario.MayGo);
                    return Task.FromResult<KeyVaultFault?>(null);
                };
                var again = await scenario.Run(bed.Operator());
                Assert.True(again.Outcome == RotationOutcome.Done || result.Outcome == RotationOutcome.Done, $"{number}: {again.Message}");
                Assert.Equal(undisturbed, Outcome(bed));
                bed.AssertSafe(before, scenario.MayGo);
            }
        }
    }

    private static string Outcome(RotationBed bed) =>
        string.Join('|', KeySlots.All.Select(slot => $"{bed.Value(slot)} {bed.StateTag(slot)}"));

    private static void Fill(RotationBed bed, params ReadOnlySpan<KeySlot> slots)
    {
        foreach (var slot in slots)
        {
            bed.Put(slot, Keys[(int)slot]);
        }
    }

    private static void Promoted(RotationBed bed)
    {
        bed.Put(KeySlot.Primary, Keys[0]);
        bed.Put(KeySlot.Primary, Keys[1]);
        bed.Put(KeySlot.Secondary, Keys[1]);
        bed.Put(KeySlot.Old, Keys[0], bed.Time.GetUtcNow().AddHours(20), new() { [RotationTags.PromotedFrom] = "PRIMARY" });
    }

    private static void Leaked(RotationBed bed, KeySlot slot)
    {
        Fill(bed, KeySlot.Primary, KeySlot.Secondary);
        bed.Put(slot, Keys[(int)slot]);
        bed.Put(KeySlot.Old, Keys[(int)slot], bed.Time.GetUtcNow().AddHours(20));
    }

    private static void Expired(RotationBed bed)
    {
        Fill(bed, KeySlot.Primary, KeySlot.Secondary);
        bed.Put(KeySlot.Old, Keys[^1], bed.Time.GetUtcNow().AddHours(-30));
        bed.Put(KeySlot.Old, Keys[^1], bed.Time.GetUtcNow().AddHours(-1));
    }

    private sealed record Scenario(Action<RotationBed> Prepare, Func<Rotator, Task<RotationResult>> Run, string? MayGo = null);
}
