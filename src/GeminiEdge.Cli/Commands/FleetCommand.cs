using System.CommandLine;
using GeminiEdge.Cli.Fleet;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl fleet`: every instance, which key it uses, and how its attempts end.</summary>
internal static class FleetCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public static Command Create(CommonOptions options)
    {
        var watch = new Option<bool>("--watch")
        {
            Description = "In a terminal: show it anew every two seconds until Ctrl-C.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command("fleet", "Shows each instance: its active key, whether it holds the newest ring, and its last minute.") { watch };
        command.SetAction((parse, cancellationToken) => Session.RunWithFleetAsync(parse, options,
            session => ShowAsync(session, parse.GetValue(watch) && session.Terminal.IsLive && !session.Json, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> ShowAsync(Session session, bool isLive, CancellationToken cancellationToken)
    {
        if (!isLive)
        {
            return Report(session, await session.Terminal.WorkAsync(() => session.ReadFleetAsync(cancellationToken)));
        }

        var reading = await session.ReadFleetAsync(cancellationToken);
        if (reading.Failure is null)
        {
            session.SayWhichApp();
            await session.Terminal.LiveAsync(FleetReport.Columns, FleetReport.Lesser, async () =>
            {
                await Task.Delay(Pause, session.Time, cancellationToken);
                reading = await session.ReadFleetAsync(cancellationToken);
                return reading.Failure is null ? (Rows(session, reading.View), reading.View.Sentence) : null;
            }, (Rows(session, reading.View), reading.View.Sentence), cancellationToken);
        }

        return reading.Failure is { } failure ? session.Report(failure) : (int)RotationOutcome.Done;
    }

    private static int Report(Session session, (FleetView View, RotationResult? Failure) reading)
    {
        if (reading.Failure is { } failure)
        {
            return session.Report(failure);
        }

        if (session.Json)
        {
            FleetReport.WriteJson(session, reading.View, new RotationResult(RotationOutcome.Done, reading.View.Sentence));
            return (int)RotationOutcome.Done;
        }

        session.SayWhichApp();
        session.Terminal.Print(FleetReport.Columns, Rows(session, reading.View), FleetReport.Lesser);
        session.Terminal.Print(reading.View.Sentence);
        return (int)RotationOutcome.Done;
    }

    private static string[][] Rows(Session session, FleetView view) => [.. FleetReport.Rows(view, session.Time.GetUtcNow())];
}
