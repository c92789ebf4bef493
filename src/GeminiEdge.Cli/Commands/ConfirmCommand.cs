using System.CommandLine;
using GeminiEdge.Cli.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl confirm`: whether every active instance holds the newest ring.</summary>
internal static class ConfirmCommand
{
    public static Command Create(CommonOptions options)
    {
        var timeout = DurationOption.Create("--timeout", "How long to wait for it; without it, what a rotation waits. 0s asks once.");
        var command = new Command("confirm", "Waits until every active instance holds the newest ring; exits 2 and names who lags if not.")
        {
            timeout, options.RefreshInterval, options.Vault, options.Fleet, options.App, options.Json,
        };
        command.SetAction((parse, cancellationToken) => Session.RunWithFleetAsync(parse, options,
            session => ConfirmAsync(session, parse.GetValue(timeout) ?? session.ConvergenceTimeout, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> ConfirmAsync(Session session, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var slots = await session.Rotator.ReadAsync(cancellationToken);
        if (slots.Failure is not null)
        {
            return session.Report(slots.Failure);
        }

        if (timeout > TimeSpan.Zero)
        {
            session.Terminal.Say($"Waiting until every active instance has read the newest keys, {timeout.TotalSeconds:0} s at most.");
        }

        var convergence = new Convergence(session.Register!.ReadAsync, session.Time, session.Terminal.Say);
        var (view, failure) = await session.Terminal.WorkAsync(() =>
            convergence.WaitAsync(slots.Slots, slots.Leaked, timeout, pause => Task.Delay(pause, session.Time, cancellationToken), cancellationToken), resumes: false);
        if (failure is not null)
        {
            return session.Report(failure);
        }

        var result = new RotationResult(view.IsConverged ? RotationOutcome.Done : RotationOutcome.NotConverged, view.Sentence);
        if (!session.Json)
        {
            session.SayWhichApp();
            return session.Report(result);
        }

        FleetReport.WriteJson(session, view, result);
        return ExitCode.Of(result.Outcome);
    }
}
