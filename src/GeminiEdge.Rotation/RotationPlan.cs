using System.Globalization;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Rotation;

/// <summary>
/// What to do next. Nothing is remembered between steps but what stands in the vault, so that a run that was
/// stopped anywhere is resumed by the very code that would have gone on.
/// </summary>
internal static partial class RotationPlan
{
    /// <summary>How long a promotion keeps the former key.</summary>
    public static readonly TimeSpan OldLifetime = TimeSpan.FromHours(24);

    /// <summary>Google may not know a key everywhere that was stored less than this ago.</summary>
    public static readonly TimeSpan Novelty = TimeSpan.FromMinutes(5);

    private const string Unproven = "That every edge has read the new keys is unproven: no fleet register is configured, so the time was waited that it takes.";

    /// <summary>The next step of a command; an earlier run's unfinished rotation goes first.</summary>
    public static PlanStep Next(RotationState state, RotationCommand command)
    {
        if (EarlierRotation(state, command) is { } earlier)
        {
            return Continue(state, command, earlier);
        }

        return command.Kind switch
        {
            RotationKind.Promote => Promote(state, command, command.Id, command.Slot ?? KeySlot.Primary),
            RotationKind.Rollback => Rollback(state, command, command.Id),
            RotationKind.Set => Set(state, command),
            RotationKind.Leak => Leak(state, command, command.Id),
            _ => Purge(state, command),
        };
    }

    /// <summary>
    /// An earlier run's rotation that left its mark on a slot and is not over; the command's own kind last, because it ends
    /// with it. A rollback passes over promotions: it undoes them; a leak waits for neither.
    /// </summary>
    private static RotationRecord? EarlierRotation(RotationState state, RotationCommand command) => state.Slots
        .Where(slot => slot.Rotation is not null && slot.Rotation != command.Id)
        .Select(slot => state.Unfinished(slot.Rotation))
        .OfType<RotationRecord>()
        .Where(record => record.Is(RotationKind.Leak)
            || (record.Is(RotationKind.Rollback) && command.Kind != RotationKind.Leak)
            || (record.Is(RotationKind.Promote) && !command.TakesOver))
        .OrderBy(record => record.Command == command.Name && record.Slot == command.Slot)
        .ThenByDescending(record => record.Is(RotationKind.Leak))
        .FirstOrDefault();

    private static PlanStep Continue(RotationState state, RotationCommand command, RotationRecord earlier) =>
        earlier.Is(RotationKind.Leak) ? Leak(state, command, earlier.Id)
        : earlier.Is(RotationKind.Promote) ? Promote(state, command, earlier.Id, earlier.Slot ?? KeySlot.Primary)
        : Rollback(state, command, earlier.Id);

    /// <summary>
    /// The end of a rotation. It is the command's end too, if the command asked for it, now or in the run that it
    /// resumes; otherwise the command goes on.
    /// </summary>
    private static PlanStep Finish(RotationState state, RotationCommand command, string id, string how, PlanStep.End end)
    {
        if (id == command.Id)
        {
            return end;
        }

        var earlier = state.Unfinished(id)!;
        return how == RotationRecord.Done && earlier.Command == command.Name && earlier.Slot == command.Slot
            ? end with { RotationId = id }
            : new PlanStep.Close(earlier, how) { Warning = $"An earlier {earlier.Command} of {earlier.Operator} was unfinished; it is {how} now." };
    }

    /// <summary>Null once the key has passed; otherwise what stands against relying on it.</summary>
    private static PlanStep? Proof(RotationState state, SlotState slot, ApiKey key)
    {
        if (!state.Probes.TryGetValue(key, out var verdict))
        {
            return new PlanStep.Probe(slot.Slot, key, slot.Version, slot.CreatedOn is null || state.Now - slot.CreatedOn < Novelty);
        }

        return verdict == Verdict.Ok
            ? null
            : Refused($"{slot.Slot.Name()} (…{key.Id}) fails its probe with {Consequence.Of(verdict).Name}: {(IsConclusive(verdict) ? "it takes another key" : "nothing is known of the key, so try again later")}.");
    }

    /// <summary>The verdict is against the key, and will be the same tomorrow.</summary>
    public static bool IsConclusive(Verdict verdict) =>
        Consequence.Of(verdict) is { Effect: not (KeyEffect.Unchanged or KeyEffect.Heal), WaitingHelps: false };

    /// <summary>Empties OLD, then disables what it held before; null when both are done.</summary>
    private static PlanStep? EmptyOld(RotationState state, string id, string why)
    {
        if (!state.Old.IsEmptied)
        {
            return new PlanStep.Write(KeySlot.Old, null, RotationTags.Of(id, RotationTags.StateEmpty, state.Now), $"empty {state.Old.Text}: {why}");
        }

        return state.EarlierOld is [var version, ..] ? new PlanStep.Disable(KeySlot.Old, version) : null;
    }

    /// <summary>Empties an OLD that only doubles a slot; null when that is done. What it held before is not touched: this promotion was to replace it, and doesn't.</summary>
    private static PlanStep.Write? TakeBackOld(RotationState state, string id, string why) => state.Old.IsTakenBack
        ? null
        : new PlanStep.Write(KeySlot.Old, null, RotationTags.Of(id, RotationTags.StateTakenBack, state.Now), $"empty {state.Old.Text}: {why}");

    private static PlanStep.Settle Settle(RotationCommand command) => new(command.Settling, command.HasRegister) { Warning = command.HasRegister ? null : Unproven };

    private static PlanStep.End Done(string message) => new(RotationOutcome.Done, message);

    private static PlanStep.End Refused(string message) => new(RotationOutcome.Refused, message);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
