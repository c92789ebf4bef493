using System.CommandLine;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl watch`: undoes the last promotion by itself, if its key turns out to be worse than the former one.</summary>
internal static class WatchCommand
{
    public static readonly TimeSpan Usual = TimeSpan.FromMinutes(30);

    public static Command Create(CommonOptions options)
    {
        var duration = DurationOption.Create("--for", "How long: 30m, 90s or hh:mm:ss; 30m by default.");
        var command = new Command("watch", "Watches the last promotion by its attempts, and rolls it back on evidence; exits 1 if it did.")
        {
            duration, options.Expires, options.MaxAge, options.RefreshInterval, options.Report, options.Vault, options.Fleet, options.App, options.Json, options.DryRun,
        };
        command.SetAction((parse, cancellationToken) => Session.RunWithFleetAsync(parse, options,
            async session => session.Report(await WatchAsync(session, parse.GetValue(duration) ?? Usual, cancellationToken)), cancellationToken));
        return command;
    }

    /// <summary>For `rotate` too. A dry run looks once, and would do the rest.</summary>
    public static Task<RotationResult> WatchAsync(Session session, TimeSpan duration, CancellationToken cancellationToken) =>
        session.Terminal.WorkAsync(() => new Watch(session.Rotator, session.Register!.ReadAsync, session.Time, session.Terminal.Say)
            .RunAsync(session.DryRun ? TimeSpan.Zero : duration, cancellationToken));
}
