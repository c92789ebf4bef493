using System.Collections.Immutable;
using System.CommandLine;
using GeminiEdge.Cli.Reports;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl keys`: every slot and how its key does.</summary>
internal static class KeysCommand
{
    public static Command Create(CommonOptions options)
    {
        var noProbe = new Option<bool>("--no-probe")
        {
            Description = "Read the vault alone; send nothing to Gemini.",
            Arity = ArgumentArity.Zero,
        };
        var check = new Option<bool>("--check")
        {
            Description = "Exit 2 when a key that edges use is refused by Google: by its probe, or by what an instance was told.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command("keys", "Shows each slot: key_id, version, age, expiry, and its state by a probe.")
        {
            noProbe, check, options.Vault, options.Fleet, options.App, options.Json, options.DryProbe,
        };
        command.SetAction((parse, cancellationToken) => Session.RunAsync(parse, options,
            session => ShowAsync(session, parse.GetValue(noProbe), parse.GetValue(check), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> ShowAsync(Session session, bool noProbe, bool checks, CancellationToken cancellationToken)
    {
        var (failure, slots) = await session.ReadSlotsAsync(cancellationToken);
        if (failure is not null)
        {
            return session.Report(failure);
        }

        var wouldProbe = !noProbe && session.DryRun;
        if (!noProbe && !session.DryRun)
        {
            slots = await session.ProbeAsync(slots, cancellationToken);
        }

        slots = await SeenInTrafficAsync(session, slots, cancellationToken);
        SlotReport.Write(session, slots, wouldProbe);
        return ExitCode.Of(checks && slots.Any(view => view.IsRefused) ? RotationOutcome.Rejected : RotationOutcome.Done);
    }

    /// <summary>An edge may have been told what no probe has shown, or of a leak that the vault's list does not name yet.</summary>
    private static async Task<ImmutableArray<SlotView>> SeenInTrafficAsync(Session session, ImmutableArray<SlotView> slots, CancellationToken cancellationToken)
    {
        if (session.Register is null)
        {
            return slots;
        }

        var (rows, failure) = await session.Register.ReadAsync(cancellationToken);
        if (failure is not null)
        {
            session.Terminal.Say($"Warning: {failure.Message}");
        }

        var now = session.Time.GetUtcNow();
        return
        [
            .. slots.Select(view => view.Slot.Key is { } key ? view with
            {
                LeakSeen = rows.Any(row => row.Keys.Any(told => told.KeyId == key.Id && told.IsLeaked)),
                RejectedBy = rows.Count(row => now - row.LastSeen <= FleetView.Window && row.Keys.Any(told => told.KeyId == key.Id && told.IsInRing && told.State == KeyState.Rejected.Name())),
            } : view),
        ];
    }
}
