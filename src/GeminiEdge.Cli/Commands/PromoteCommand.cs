using System.CommandLine;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl promote`: SECONDARY becomes PRIMARY, or another slot's key.</summary>
internal static class PromoteCommand
{
    public static Command Create(CommonOptions options)
    {
        var slot = SlotSymbol.Option("--slot", "The slot that takes SECONDARY's key; PRIMARY by default.");
        var replaceOld = ReplaceOld();
        var command = new Command("promote", "SECONDARY becomes PRIMARY; the former PRIMARY becomes OLD and is kept for 24 hours.")
        {
            slot, replaceOld, options.Expires, options.MaxAge, options.RefreshInterval, options.Report, options.Vault, options.Fleet, options.App, options.Json, options.DryRun,
        };
        command.SetAction((parse, cancellationToken) => Session.RotateAsync(parse, options,
            rotator => rotator.PromoteAsync(parse.GetValue(slot) ?? KeySlot.Primary, parse.GetValue(replaceOld), cancellationToken), cancellationToken));
        return command;
    }

    /// <summary>For `rotate` too.</summary>
    public static Option<bool> ReplaceOld() => new("--replace-old")
    {
        Description = "Go on although an unexpired OLD, which a rollback could bring back, is lost.",
        Arity = ArgumentArity.Zero,
    };
}
