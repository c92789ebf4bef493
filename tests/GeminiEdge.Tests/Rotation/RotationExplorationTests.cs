using System.Collections.Immutable;
using GeminiEdge.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Tests.Rotation;

/// <summary>
/// The states that commands can leave behind, each command stopped after each of its steps, with hands that change
/// PRIMARY and days that pass between them, breadth first from several first deployments: what must hold holds in
/// every one, and a re-run ends where an undisturbed run would have.
/// </summary>
public class RotationExplorationTests
{
    private const int MostStates = 200;

    private static readonly ApiKey[] Keys = [.. "abcd".Select(letter => VaultModel.Key($"key{letter}"))];

    private static readonly RotationCommand[] Commands =
    [
        new(RotationKind.Promote, "") { Slot = KeySlot.Primary },
        new(RotationKind.Promote, "") { Slot = KeySlot.Primary, ReplaceOld = true },
        new(RotationKind.Promote, "") { Slot = KeySlot.Slot3 },
        new(RotationKind.Rollback, ""),
        new(RotationKind.Purge, ""),
        .. Keys.Select(key => new RotationCommand(RotationKind.Set, "") { Slot = KeySlot.Secondary, Key = key }),
        new(RotationKind.Set, "") { Slot = KeySlot.Primary, Key = Keys[2] },
    ];

    [Theory]
    [InlineData("")]
    [InlineData("Primary")]
    [InlineData("Secondary")]
    [InlineData("Primary,Secondary")]
    [InlineData("Primary,Secondary,Slot3")]
    [InlineData("Primary,Secondary,Old")]
    [InlineData("Primary,Old")]
    [InlineData("Old")]
    public void EveryReachableState_AllKeysWork_KeepsWhatMustHold(string slots) => Explore(slots, dead: null);

    [Theory]
    [InlineData("Primary,Secondary,Slot3", 0)]
    [InlineData("Primary,Secondary,Slot3", 1)]
    [InlineData("Primary,Secondary,Old", 0)]
    [InlineData("Primary,Secondary,Old", 2)]
    public void EveryReachableState_OneKeyIsDead_KeepsWhatMustHold(string slots, int dead) => Explore(slots, dead);

    private static void Explore(string slots, int? dead)
    {
        var first = VaultModel.Of([.. slots.Split(',', StringSplitOptions.RemoveEmptyEntries).Select((slot, index) => (Enum.Parse<KeySlot>(slot), Keys[index]))])
            with
        { Dead = dead is { } index ? [Keys[index]] : [] };
        var seen = new HashSet<string> { first.Fingerprint() };
        var open = new Queue<VaultModel>([first]);
        while (open.TryDequeue(out var vault))
        {
            foreach (var next in Commands.SelectMany(command => After(vault, command)).Append(vault.Later(TimeSpan.FromHours(25))).Append(ByHand(vault)))
            {
                if (seen.Count < MostStates && seen.Add(next.Fingerprint()))
                {
                    open.Enqueue(next);
                }
            }
        }
    }

    private static VaultModel ByHand(VaultModel vault) =>
        vault.Do(new PlanStep.Write(KeySlot.Primary, Keys[3], ImmutableDictionary<string, string>.Empty, "by hand"));

    /// <summary>The command's end, and every state in which it could have been stopped.</summary>
    private static List<VaultModel> After(VaultModel before, RotationCommand command)
    {
        var stops = new List<VaultModel>();
        var (undisturbed, end) = before.Run(command, each: stops.Add);
        stops.Add(undisturbed);
        foreach (var vault in stops)
        {
            AssertHolds(before, vault, command);
        }

        foreach (var stopped in stops.Prepend(before.Begin(command).Vault))
        {
            var (resumed, resumedEnd) = stopped.Run(command);
            Assert.True(undisturbed.Outcome() == resumed.Outcome(), $"{Story()} ends at {resumed.Outcome()}");
            Assert.True(end!.Outcome == resumedEnd!.Outcome || IsLast(stopped), $"{Story()} ends with {resumedEnd}");

            string Story() => $"{command.Name} {command.Slot} from {before.Fingerprint()}: {end}: {undisturbed.Outcome()}, but resumed from {stopped.Fingerprint()}";
        }

        // The run was not stopped at all: what is asked a second time may be refused.
        bool IsLast(VaultModel vault) => ReferenceEquals(vault, undisturbed);

        return stops;
    }

    private static void AssertHolds(VaultModel before, VaultModel vault, RotationCommand command)
    {
        var story = $"{command.Name} {command.Slot} from {before.Fingerprint()} to {vault.Fingerprint()}";
        Assert.True(vault.RingWorks || !before.RingWorks, $"No key of the ring works: {story}");

        // What OLD's versions held goes with it when it is emptied, and not before its time: by then it is expired or was given up.
        var mayGo = before.State.Old is { Key: { } old } && (before.State.Old.IsExpired(before.State.Now) || command.ReplaceOld || before.State.HolderOf(old, KeySlot.Old) is not null)
            ? [old]
            : new List<ApiKey>();
        mayGo.AddRange(before.Earlier.Values.Where(earlier => earlier.Slot == KeySlot.Old).Select(earlier => earlier.Key));
        var lost = before.Values.Except(vault.Values).Except(mayGo).ToList();
        Assert.True(lost.Count == 0, $"{string.Join(',', lost)} stands nowhere any more: {story}");
    }
}
