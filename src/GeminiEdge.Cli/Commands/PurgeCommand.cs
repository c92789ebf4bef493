using System.CommandLine;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl purge`: empties OLD once it has expired.</summary>
internal static class PurgeCommand
{
    public static Command Create(CommonOptions options)
    {
        var command = new Command("purge", "Empties OLD once its 24 hours have passed and another key has proven that it works.") { options.RefreshInterval };
        command.SetAction((parse, cancellationToken) => Session.RotateAsync(parse, options, rotator => rotator.PurgeAsync(cancellationToken), cancellationToken));
        return command;
    }
}
