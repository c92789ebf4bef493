using System.CommandLine;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl rollback`: undoes the last promotion.</summary>
internal static class RollbackCommand
{
    public static Command Create(CommonOptions options)
    {
        var command = new Command("rollback", "OLD becomes PRIMARY again, or the key of the slot it came from; takes over a promotion under way.")
        {
            options.Expires, options.MaxAge, options.RefreshInterval, options.Report, options.Vault, options.Fleet, options.App, options.Json, options.DryRun,
        };
        command.SetAction((parse, cancellationToken) => Session.RotateAsync(parse, options, rotator => rotator.RollbackAsync(cancellationToken), cancellationToken));
        return command;
    }
}
