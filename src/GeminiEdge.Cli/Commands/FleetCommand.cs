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
        var check = new Option<bool>("--check")
        {
            Description = "Exit 2 when Google refuses a key that an active instance holds.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command("fleet", "Shows each instance: its active key, whether it holds the newest ring, how its keys are, and its last minute.") { watch, check, options.Vault, options.Fleet, options.App, options.Json };
        command.SetAction((parse, cancellationToken) => Session.RunWithFleetAsync(parse, options,
            session => ShowAsync(session, parse.GetValue(watch) && session.Terminal.IsLive && !session.Json, parse.GetValue(check), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> ShowAsync(Session session, bool isLive, bool checks, CancellationToken cancellationToken)
    {
        if (!isLive)
        {
            return Report(session, await session.Terminal.WorkAsync(() => session.ReadFleetAsync(cancellationToken), resumes: false), checks);
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

        return reading.Failure is { } failure ? session.Report(failure) : ExitCode.Of(Checked(reading.View, checks).Outcome);
    }

    private static int Report(Session session, (FleetView View, RotationResult? Failure) reading, bool checks)
    {
        if (reading.Failure is { } failure)
        {
            return session.Report(failure);
        }

        var result = Checked(reading.View, checks);
        if (session.Json)
        {
            FleetReport.WriteJson(session, reading.View, result);
            return ExitCode.Of(result.Outcome);
        }

        session.SayWhichApp();
        session.Terminal.Print(FleetReport.Columns, Rows(session, reading.View), FleetReport.Lesser);
        session.Terminal.Print(result.Message);
        return ExitCode.Of(result.Outcome);
    }

    private static RotationResult Checked(FleetView view, bool checks)
    {
        var rejected = checks ? FleetReport.Rejected(view) : [];
        return rejected.Count == 0 ? new(RotationOutcome.Done, view.Sentence)
            : new(RotationOutcome.Rejected, $"{view.Sentence} Google refuses {(rejected.Count == 1 ? "a key" : $"{rejected.Count} keys")}: {string.Join("; ", rejected)}.");
    }

    private static Cell[][] Rows(Session session, FleetView view) => [.. FleetReport.Rows(view, session.Time.GetUtcNow())];
}
