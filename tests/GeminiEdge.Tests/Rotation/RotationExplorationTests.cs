using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Tests.Rotation;

/// <summary>
/// Every state that commands can leave behind, each command stopped after each of its steps, with hands that change
/// PRIMARY and days that pass between them, breadth first from several first deployments: what must hold holds in
/// every one, and a re-run ends where an undisturbed run would have.
/// </summary>
public class RotationExplorationTests
{
    private static readonly ApiKey[] Keys = [.. "abcd".Select(letter => VaultModel.Key($"key{letter}"))];

    private static readonly RotationCommand[] Commands =
    [
        new(RotationKind.Promote, "") { Slot = KeySlot.Primary },
        new(RotationKind.Promote, "") { Slot = KeySlot.Primary, ReplaceOld = true },
        new(RotationKind.Promote, "") { Slot = KeySlot.Slot3 },
        new(RotationKind.Rollback, ""),
        new(RotationKind.Purge, ""),
        .. Keys.Select(key => new RotationCommand(RotationKind.Set, "") { Slot = KeySlot.Secondary, Key = key }),
        .. Keys.Select(key => new RotationCommand(RotationKind.Set, "") { Slot = KeySlot.Primary, Key = key }),
    ];

    // Each leak makes a key useless for ever, which multiplies the states: they are explored with fewer other commands, and hands that know two keys.
    private static readonly RotationCommand[] LeakCommands =
    [
        new(RotationKind.Leak, "") { Slot = KeySlot.Primary },
        new(RotationKind.Leak, "") { Slot = KeySlot.Secondary },
        new(RotationKind.Leak, "") { Slot = KeySlot.Primary, Key = Keys[3] },
        new(RotationKind.Promote, "") { Slot = KeySlot.Primary },
        new(RotationKind.Rollback, ""),
        new(RotationKind.Set, "") { Slot = KeySlot.Secondary, Key = Keys[2] },
    ];

    private static readonly ImmutableArray<ImmutableArray<KeySlot>> FirstDeployments =
    [
        [],
        [KeySlot.Primary],
        [KeySlot.Secondary],
        [KeySlot.Primary, KeySlot.Secondary],
        [KeySlot.Primary, KeySlot.Secondary, KeySlot.Slot3],
        [KeySlot.Primary, KeySlot.Secondary, KeySlot.Old],
        [KeySlot.Primary, KeySlot.Old],
        [KeySlot.Old],
    ];

    [Fact]
    public void EveryReachableState_AllKeysWork_KeepsWhatMustHold() => Explore(dead: [], Commands, Keys, states: 6575);

    [Fact]
    public void EveryReachableState_OneKeyIsDead_KeepsWhatMustHold() => Explore(dead: [Keys[0]], Commands, Keys, states: 9885);

    [Fact]
    public void EveryReachableState_KeysLeak_KeepsWhatMustHold() => Explore(dead: [], LeakCommands, [Keys[0], Keys[3]], states: 10301);

    /// <param name="states">How many there are: fewer were not all looked at, and more are new behaviour.</param>
    private static void Explore(ImmutableHashSet<ApiKey> dead, RotationCommand[] commands, ApiKey[] hands, int states)
    {
        // Each deployment with each of the keys in its first slot, so that the dead one has stood in every place.
        var first = FirstDeployments.SelectMany(slots => Keys.Select((_, turn) =>
            VaultModel.Of([.. slots.Select((slot, index) => (slot, Keys[(index + turn) % Keys.Length]))]) with { Dead = dead }));
        var seen = new HashSet<string>();
        var open = new Queue<VaultModel>(first.Where(vault => seen.Add(vault.Fingerprint())));
        while (open.TryDequeue(out var vault))
        {
            foreach (var next in commands.SelectMany(command => After(vault, command)).Concat([vault.Later(TimeSpan.FromHours(25)), .. ByHand(vault, hands)]))
            {
                if (seen.Add(next.Fingerprint()))
                {
                    open.Enqueue(next);
                }
            }
        }

        Assert.Equal(states, seen.Count);
    }

    private static IEnumerable<VaultModel> ByHand(VaultModel vault, ApiKey[] keys) => keys.Select(key =>
        vault.Do(new PlanStep.Write(KeySlot.Primary, key, ImmutableDictionary<string, string>.Empty, "by hand")));

    /// <summary>The command's end, and every state in which it could have been stopped.</summary>
    private static List<VaultModel> After(VaultModel before, RotationCommand command)
    {
        var stops = new List<VaultModel>();
        var (undisturbed, end) = before.Run(command, each: stops.Add);
        stops.Add(undisturbed);
        if (command.Kind == RotationKind.Leak && end!.Outcome == RotationOutcome.Done)
        {
            AssertContained(before, undisturbed, command);
        }

        AssertHold(before, stops, command);

        foreach (var stopped in stops.Prepend(before.Begin(command).Vault))
        {
            var (resumed, resumedEnd) = stopped.Run(command);
            if (undisturbed.Outcome() != resumed.Outcome() || (end!.Outcome != resumedEnd!.Outcome && !IsLast(stopped)))
            {
                Assert.Fail($"{Story()} ends with {resumedEnd} at {resumed.Outcome()}");
            }

            string Story() => $"{command.Name} {command.Slot} from {before.Fingerprint()}: {end}: {undisturbed.Outcome()}, but resumed from {stopped.Fingerprint()}";
        }

        // The run was not stopped at all: what is asked a second time may be refused.
        bool IsLast(VaultModel vault) => ReferenceEquals(vault, undisturbed);

        return stops;
    }

    private static void AssertContained(VaultModel before, VaultModel vault, RotationCommand command)
    {
        // What was listed before by hand may stand anywhere; what this leak put there may stand nowhere.
        if (vault.Values.Any(key => vault.IsLeaked(key) && !before.IsLeaked(key)))
        {
            Assert.Fail($"The leaked key can still be read: {command.Slot} from {before.Fingerprint()} to {vault.Fingerprint()}");
        }
    }

    private static void AssertHold(VaultModel before, List<VaultModel> stops, RotationCommand command)
    {
        var (ringWorked, values) = (before.RingWorks, before.Values.ToList());
        foreach (var vault in stops)
        {
            if (ringWorked && !vault.RingWorks)
            {
                Assert.Fail($"No key of the ring works: {Story(vault)}");
            }

            var lost = values.Except(vault.Values).Where(key => !vault.IsLeaked(key)).ToList();
            if (lost.Count > 0 && lost.Except(MayGo(before, vault, command)).ToList() is { Count: > 0 } missed)
            {
                Assert.Fail($"{string.Join(',', missed)} stands nowhere any more: {Story(vault)}");
            }
        }

        string Story(VaultModel vault) => $"{command.Name} {command.Slot} from {before.Fingerprint()} to {vault.Fingerprint()}";
    }

    /// <summary>What OLD's versions held goes with it when it is emptied, by an earlier run too, and not before its time: by then it is expired or was given up.</summary>
    private static List<ApiKey> MayGo(VaultModel before, VaultModel vault, RotationCommand command)
    {
        var mayGo = before.State.Old is { Key: { } old } && (before.State.Old.IsExpired(before.State.Now) || command.ReplaceOld || before.State.HolderOf(old, KeySlot.Old) is not null)
            ? [old]
            : new List<ApiKey>();
        if (vault.State.Old.IsEmptied || before.State.Old.IsEmptied)
        {
            mayGo.AddRange(before.Earlier.Values.Where(earlier => earlier.Slot == KeySlot.Old).Select(earlier => earlier.Key));
        }

        return mayGo;
    }
}
