using System.CommandLine;
using System.Globalization;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl purge`: empties OLD once it has expired, and forgets instances that are gone.</summary>
internal static class PurgeCommand
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    public static Command Create(CommonOptions options)
    {
        var command = new Command("purge", "Empties OLD once its 24 hours have passed and another key has proven that it works; removes instances unseen for a day from the fleet register.")
        {
            options.Expires, options.MaxAge, options.RefreshInterval, options.Vault, options.Fleet, options.App, options.Json, options.DryRun,
        };
        command.SetAction((parse, cancellationToken) => Session.RunAsync(parse, options, async session =>
        {
            var result = await session.Terminal.WorkAsync(() => session.Rotator.PurgeAsync(cancellationToken));
            return session.Report(await ForgetAsync(session, result, cancellationToken));
        }, cancellationToken));
        return command;
    }

    private static async Task<RotationResult> ForgetAsync(Session session, RotationResult result, CancellationToken cancellationToken)
    {
        if (session.Register is null)
        {
            return result;
        }

        var (rows, failure) = await session.Register.ReadAsync(cancellationToken);
        var unseen = rows.Where(row => row.LastSeen < session.Time.GetUtcNow() - Forgotten).ToList();
        if (session.DryRun)
        {
            return result with
            {
                Steps = [.. result.Steps, .. unseen.Select(row => new RotationStep(Would(row)))],
                Warnings = failure is null ? result.Warnings : result.Warnings.Add(failure.Message),
            };
        }

        (var removed, failure) = failure is null ? await session.Register.RemoveAsync(unseen, cancellationToken) : (0, failure);
        return result with
        {
            Steps = removed == 0 ? result.Steps : result.Steps.Add(new RotationStep($"remove {removed} {(removed == 1 ? "instance" : "instances")} unseen for a day from the fleet register")),
            Warnings = failure is null ? result.Warnings : result.Warnings.Add(failure.Message),
        };
    }

    private static string Would(FleetRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"remove the instance {row.Instance} of {row.App}, last seen {row.LastSeen.UtcDateTime:yyyy-MM-dd HH:mm} UTC, from the fleet register");
}
