using System.Collections.Immutable;
using System.CommandLine;
using GeminiEdge.Cli.Reports;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl probe [SLOT]`: whether a slot's key works, or every slot's.</summary>
internal static class ProbeCommand
{
    public static Command Create(CommonOptions options)
    {
        var slot = SlotSymbol.Argument(ArgumentArity.ZeroOrOne, "PRIMARY, SECONDARY, 3 to 9, or OLD; without it, every slot that holds a key.");
        var command = new Command("probe", "Sends one tiny generateContent with the slot's key; exits 1 unless it passes.") { slot, options.Vault, options.Json, options.DryProbe };
        command.SetAction((parse, cancellationToken) => Session.RunAsync(parse, options,
            session => ProbeAsync(session, parse.GetValue(slot), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> ProbeAsync(Session session, KeySlot? slot, CancellationToken cancellationToken)
    {
        var (failure, all) = await session.ReadSlotsAsync(cancellationToken);
        if (failure is not null)
        {
            return session.Report(failure);
        }

        ImmutableArray<SlotView> slots = [.. all.Where(view => slot is null ? view.MayProbe : view.Slot.Slot == slot)];
        if (!slots.Any(view => view.MayProbe))
        {
            return session.Report(new RotationResult(RotationOutcome.Refused, Nothing(slots)));
        }

        if (session.DryRun)
        {
            SlotReport.Write(session, slots, wouldProbe: true);
            return ExitCode.Of(RotationOutcome.Done);
        }

        slots = await session.ProbeAsync(slots, cancellationToken);
        SlotReport.Write(session, slots, wouldProbe: false);
        return ExitCode.Of(slots.All(view => view.Probe?.Verdict == Verdict.Ok) ? RotationOutcome.Done : RotationOutcome.Failed);
    }

    private static string Nothing(ImmutableArray<SlotView> slots) => slots switch
    {
        [{ Mark: "empty" } view] => $"{view.Slot.Slot.Name()} is empty: `edgectl set {view.Slot.Slot.Name()}` puts a key into it.",
        [{ Mark: "leaked" } view] => $"{view.Slot.Slot.Name()} holds a leaked key (…{view.Slot.Key!.Id}), which isn't sent anywhere: put another one into it with `edgectl set {view.Slot.Slot.Name()}`.",
        [var view] => $"{view.Slot.Slot.Name()} holds no key: the value {view.Slot.Refusal}.",
        _ => "No slot holds a key that may be probed: `edgectl set PRIMARY` puts the first one in.",
    };
}
