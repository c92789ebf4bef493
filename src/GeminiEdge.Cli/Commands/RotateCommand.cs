using System.CommandLine;
using GeminiEdge.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl rotate`: promotes, waits for the fleet, watches, and keeps or reverts.</summary>
internal static class RotateCommand
{
    public static Command Create(CommonOptions options)
    {
        var slot = SlotSymbol.Option("--slot", "The slot that takes SECONDARY's key; PRIMARY by default.");
        var duration = DurationOption.Create("--for", "How long to watch: 30m, 90s or hh:mm:ss; 30m by default.");
        var command = new Command("rotate", "Promotes SECONDARY, confirms that the fleet has it, watches it, and keeps it or rolls it back.")
        {
            slot, duration, options.RefreshInterval, options.Report,
        };
        command.SetAction((parse, cancellationToken) => Session.RunWithFleetAsync(parse, options,
            session => RotateAsync(session, parse.GetValue(slot) ?? KeySlot.Primary, parse.GetValue(duration) ?? WatchCommand.Usual, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RotateAsync(Session session, KeySlot slot, TimeSpan duration, CancellationToken cancellationToken)
    {
        var promoted = await session.Terminal.WorkAsync(() => session.Rotator.PromoteAsync(slot, replaceOld: false, cancellationToken));
        if (promoted.Outcome != RotationOutcome.Done || session.DryRun)
        {
            return session.Report(promoted);
        }

        try
        {
            var watched = await WatchCommand.WatchAsync(session, duration, cancellationToken);
            return session.Report(watched.Following(promoted) with
            {
                Message = watched.Outcome == RotationOutcome.Done ? $"{watched.Message} {promoted.Message}" : watched.Message,
            });
        }
        catch (RotationStopped stopped)
        {
            throw new RotationStopped(stopped.Result.Following(promoted), cancellationToken);
        }
    }
}
