using System.Collections.Immutable;
using System.CommandLine;
using GeminiEdge.Cli.Reports;
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
        var command = new Command("keys", "Shows each slot: key_id, version, age, expiry, and its state by a probe.") { noProbe };
        command.SetAction((parse, cancellationToken) => Session.RunAsync(parse, options,
            session => ShowAsync(session, parse.GetValue(noProbe), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> ShowAsync(Session session, bool noProbe, CancellationToken cancellationToken)
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

        SlotReport.Write(session, await SeenInTrafficAsync(session, slots, cancellationToken), wouldProbe);
        return (int)RotationOutcome.Done;
    }

    /// <summary>An edge may have been told of a leak that the vault's list does not name yet.</summary>
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

        var leaked = rows.SelectMany(row => row.Keys).Where(key => key.IsLeaked).Select(key => key.KeyId).ToHashSet();
        return [.. slots.Select(view => view.Slot.Key is { } key && leaked.Contains(key.Id) ? view with { LeakSeen = true } : view)];
    }
}
