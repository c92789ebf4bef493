using System.CommandLine;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl rotate`: promotes, waits for the fleet, watches, and keeps or reverts.</summary>
internal static class RotateCommand
{
    public static Command Create(CommonOptions options)
    {
        var slot = SlotSymbol.Option("--slot", "The slot that takes SECONDARY's key; PRIMARY by default.");
        var duration = DurationOption.Create("--for", "How long to watch: 30m, 90s or hh:mm:ss; 30m by default.");
        var replaceOld = PromoteCommand.ReplaceOld();
        var command = new Command("rotate", "Promotes SECONDARY, confirms that the fleet has it, watches it, and keeps it or rolls it back; run again, it goes on watching.")
        {
            slot, duration, replaceOld, options.Expires, options.MaxAge, options.RefreshInterval, options.Report, options.Vault, options.Fleet, options.App, options.Json, options.DryRun,
        };
        command.SetAction((parse, cancellationToken) => Session.RunWithFleetAsync(parse, options,
            session => RotateAsync(session, parse.GetValue(slot) ?? KeySlot.Primary, parse.GetValue(replaceOld), parse.GetValue(duration), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RotateAsync(Session session, KeySlot slot, bool replaceOld, TimeSpan? duration, CancellationToken cancellationToken)
    {
        // 1. What this operator's last one left to do.
        var (pending, failure) = await session.Terminal.WorkAsync(() => session.Rotator.FindWatchAsync(cancellationToken));
        if (failure is not null)
        {
            return session.Report(failure);
        }

        if (pending?.Promotion.Slot == slot && !(replaceOld && pending.HasSuccessor))
        {
            session.Terminal.Say($"Your rotation of {pending.Record.CreatedOn:HH:mm:ss} UTC was not watched to the end: going on with that.");
            return session.Report(await WatchAsync(session, pending.Left(duration ?? pending.Duration, session.Time.GetUtcNow()), cancellationToken));
        }

        // 2. A new one.
        var watch = duration ?? WatchCommand.Usual;
        var promoted = await session.Terminal.WorkAsync(() => session.Rotator.PromoteAsync(slot, replaceOld, watch, cancellationToken));
        if (session.DryRun || !(promoted.Outcome == RotationOutcome.Done || (promoted.Outcome == RotationOutcome.NotConverged && Promotion.IsWritten(promoted, slot))))
        {
            return session.Report(promoted);
        }

        if (promoted.Outcome == RotationOutcome.NotConverged)
        {
            session.Terminal.Say($"{promoted.Message} It is watched all the same: most of the fleet may use the new key.");
        }

        try
        {
            return session.Report(Watch.Ended(promoted, await WatchAsync(session, watch, cancellationToken)));
        }
        catch (RotationStopped stopped)
        {
            throw new RotationStopped(stopped.Result.Following(promoted), stopped, cancellationToken);
        }
    }

    /// <summary>Watches to the end, and notes that: the next `rotate` is a new one.</summary>
    private static async Task<RotationResult> WatchAsync(Session session, TimeSpan duration, CancellationToken cancellationToken)
    {
        var watched = await WatchCommand.WatchAsync(session, duration, cancellationToken);
        return watched is { Outcome: RotationOutcome.Done, Watched.Numbers.Promotion.Rotation: var rotation } && !session.DryRun
            && await session.Rotator.EndWatchAsync(rotation, cancellationToken) is { } failure
            ? watched with { Warnings = watched.Warnings.Add($"That it was watched to the end is not noted, so that `rotate` would watch it again. {failure.Message}") }
            : watched;
    }
}
