using System.CommandLine;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl set SLOT`: puts a new key into a slot.</summary>
internal static class SetCommand
{
    public static Command Create(CommonOptions options)
    {
        var slot = SlotSymbol.Argument(ArgumentArity.ExactlyOne, "PRIMARY, SECONDARY, or 3 to 9.");
        var command = new Command("set", "Probes a new key and puts it into a slot. The key comes from standard input, or is asked for.")
        {
            slot, options.Expires, options.MaxAge, options.RefreshInterval, options.Vault, options.Fleet, options.App, options.Json, options.DryRun,
        };
        command.SetAction((parse, cancellationToken) => Session.RunAsync(parse, options,
            session => SetAsync(session, parse.GetRequiredValue(slot)!.Value, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> SetAsync(Session session, KeySlot slot, CancellationToken cancellationToken)
    {
        var (key, refusal) = await KeyInput.ReadAsync(session.Terminal, $"The new key of {slot.Name()}", cancellationToken);
        return session.Report(key is null
            ? new RotationResult(RotationOutcome.Refused, $"{refusal} Nothing was written.")
            : await session.Terminal.WorkAsync(() => session.Rotator.SetAsync(slot, key, cancellationToken)));
    }
}
