using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Rotation;

namespace GeminiEdge.Tests.Rotation;

/// <summary>A vault in memory that changes as the steps of a plan say, with every value that an enabled version still holds.</summary>
internal sealed record VaultModel(RotationState State)
{
    private static readonly ConcurrentDictionary<ApiKey, string> Hashes = new();

    /// <summary>What earlier enabled versions of the slots hold.</summary>
    public ImmutableDictionary<string, (KeySlot Slot, ApiKey Key)> Earlier { get; init; } = ImmutableDictionary<string, (KeySlot, ApiKey)>.Empty;

    /// <summary>The keys that Google refuses.</summary>
    public ImmutableHashSet<ApiKey> Dead { get; init; } = [];

    public int Writes { get; init; }

    public static VaultModel Of(params (KeySlot Slot, ApiKey Key)[] slots)
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        return new(new RotationState
        {
            Now = now,
            Slots = [.. KeySlots.All.Select(slot => slots.FirstOrDefault(pair => pair.Slot == slot) is { Key: { } key }
                ? new SlotState(slot) { Key = key, Version = $"first-{slot}", Enabled = true, CreatedOn = now, ExpiresOn = slot == KeySlot.Old ? now.AddHours(24) : null }
                : new SlotState(slot))],
        });
    }

    public static ApiKey Key(string name) => ApiKey.Create(new string('x', 20) + name).Key!;

    public bool Works(ApiKey? key) => key is not null && !Dead.Contains(key) && !IsLeaked(key);

    public bool IsLeaked(ApiKey key) => State.Leaked.Count > 0 && State.Leaked.Contains(HashOf(key));

    /// <summary>An edge that starts now, and reads the slots by its own rules, has a key that works.</summary>
    public bool RingWorks => ColdEdge.Ring(State.Now, SecretReading.Missing, slot => State[slot] is { Version: { } version } state
        ? new SecretReading(state.Key?.Reveal() ?? SecretValue.Empty, version, state.ExpiresOn)
        : SecretReading.Missing).Any(value => Works(value.Key));

    /// <summary>Every value that stands in an enabled version of any slot.</summary>
    public IEnumerable<ApiKey> Values => State.Slots.Select(slot => slot.Key).OfType<ApiKey>().Concat(Earlier.Values.Select(earlier => earlier.Key)).Distinct();

    public VaultModel Later(TimeSpan time) => this with { State = State with { Now = State.Now + time } };

    /// <summary>The next step of a run, done.</summary>
    public VaultModel Do(PlanStep step)
    {
        var version = $"{Writes + 1:D4}";
        var next = this with { Writes = step is PlanStep.Probe or PlanStep.Settle or PlanStep.Search ? Writes : Writes + 1 };
        switch (step)
        {
            case PlanStep.Probe probe:
                return next with { State = State.Knowing(probe.Key, Works(probe.Key) ? Verdict.Ok : Verdict.KeyInvalid) };
            case PlanStep.Search search:
                return next with { State = State with { Found = [.. Earlier.Where(earlier => HashOf(earlier.Value.Key) == search.Hash).Select(earlier => new SlotVersion(earlier.Value.Slot, earlier.Key))] } };
            case PlanStep.Write write when State[write.Slot] is { Version: { } former, Key: { } key }:
                next = next with { Earlier = Earlier.Add(former, (write.Slot, key)) };
                break;
            case PlanStep.Disable disable:
                next = next with { Earlier = Earlier.Remove(disable.Version) };
                break;
        }

        return next with { State = State.After(step, version) };
    }

    /// <summary>A new run begins: its lock is written, and what the last run knew is forgotten.</summary>
    public (VaultModel Vault, RotationCommand Command) Begin(RotationCommand command)
    {
        var begun = command with { Id = string.Create(CultureInfo.InvariantCulture, $"run-{Writes + 1:D4}") };
        var tags = ImmutableDictionary<string, string>.Empty.Add(RotationTags.Id, begun.Id).Add(RotationTags.Command, begun.Name);
        tags = begun.Slot is { } slot ? tags.Add(RotationTags.Slot, slot.Name()) : tags;
        return (this with
        {
            Writes = Writes + 1,
            State = State with
            {
                Records = State.Records.Add(new RotationRecord($"record-{Writes + 1:D4}", State.Now, tags)),
                Probes = ImmutableDictionary<ApiKey, Verdict>.Empty,
                IsSettled = false,
                Found = null,
            },
        }, begun);
    }

    /// <summary>Runs a command to its end, or until it has done so many steps.</summary>
    /// <param name="each">
    /// Sees the vault after each of its writes. What the others find out is in this run's memory, so that whoever comes next
    /// finds the same vault before and after them.
    /// </param>
    public (VaultModel Vault, PlanStep.End? End) Run(RotationCommand wanted, int steps = 50, Action<VaultModel>? each = null)
    {
        var (vault, command) = Begin(wanted);
        for (var done = 0; done < steps; done++)
        {
            var step = RotationPlan.Next(vault.State, command);
            if (step is PlanStep.End end)
            {
                return (vault.Ended(command, end), end);
            }

            var written = vault.Writes;
            vault = vault.Do(step);
            if (vault.Writes > written)
            {
                each?.Invoke(vault);
            }
        }

        Assert.True(steps < 50, "The plan does not end.");
        return (vault, null);
    }

    /// <summary>The same for two vaults that differ in names and times alone: which key is which makes no difference, only whether it works.</summary>
    public string Fingerprint()
    {
        var text = new StringBuilder(128);
        var names = new List<ApiKey>();
        var leaks = State.Records.Where(record => record.Is(RotationKind.Leak)).Select(record => record.Slot).ToList();
        foreach (var slot in State.Slots)
        {
            Name(slot.Key);
            if (!slot.Tags.IsEmpty)
            {
                var rotation = slot.Rotation;
                var unfinished = rotation is null ? null : State.Unfinished(rotation);
                text.Append(slot.Tags.GetValueOrDefault(RotationTags.State)).Append(',')
                    .Append(slot.Tags.GetValueOrDefault(RotationTags.PromotedFrom)).Append(',')
                    .Append(unfinished?.Command).Append(',').Append((int?)unfinished?.Slot).Append(',')
                    .Append(rotation is null ? -1 : (int)State.Slots.First(other => other.Rotation == rotation).Slot);
            }

            text.Append(slot.IsExpired(State.Now) ? " expired" : "");
            if (leaks.Contains(slot.Slot) && PastLeak.Of(State, slot.Slot) is { } past)
            {
                text.Append(past.IsInPlace ? " in place" : " past").Append(State.Now - past.At < TimeSpan.FromHours(1) ? " new" : "").Append(past.Counts(State) ? " counts" : "");
            }

            text.Append('|');
        }

        return text.Append(Math.Min(State.EarlierOld.Length, 2)).ToString();

        void Name(ApiKey? key)
        {
            if (key is null)
            {
                return;
            }

            if (!names.Contains(key))
            {
                names.Add(key);
            }

            text.Append(Works(key) ? "key" : IsLeaked(key) ? "leaked" : "dead").Append(names.IndexOf(key)).Append(',');
        }
    }

    /// <summary>What the slots hold, and what of it is rolled back or emptied.</summary>
    public string Outcome() => string.Join('|', State.Slots.Select(slot => $"{slot.Key?.Id}{(slot.IsRolledBack ? "!" : "")}"));

    // A model has few keys, and asks for their hashes very often.
    private static string HashOf(ApiKey key) => Hashes.GetOrAdd(key, LeakedKeys.HashOf);

    private VaultModel Ended(RotationCommand command, PlanStep.End end)
    {
        var record = State.Records.Last(record => record.Id == command.Id);
        var released = record.Closed(end.Outcome == RotationOutcome.Done ? RotationRecord.Done : "refused");
        released = released with { Tags = released.Tags.SetItem(RotationTags.Id, end.RotationId ?? command.Id) };
        var records = State.Records.Replace(record, released);

        // What is over, or left no mark on a slot, is the same as if it had never been.
        var marks = State.Slots.Select(slot => slot.Rotation).ToHashSet();
        return this with { State = State with { Records = [.. records.Where(kept => marks.Contains(kept.Id))] } };
    }
}
