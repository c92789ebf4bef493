using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl set SLOT`: puts a new key into a slot.</summary>
internal static class SetCommand
{
    public static Command Create(CommonOptions options)
    {
        var slot = SlotSymbol.Argument(ArgumentArity.ExactlyOne, "PRIMARY, SECONDARY, or 3 to 9.");
        var expires = new Option<DateTimeOffset?>("--expires")
        {
            Description = "The day by which the key is to be replaced: Key Vault tells of it 30 days before, and the edges once it has passed. The key goes on working.",
            HelpName = "2026-12-31",
            CustomParser = result => ReadDate(result, options.World.Time.GetUtcNow()),
        };
        var command = new Command("set", "Probes a new key and puts it into a slot. The key comes from standard input, or is asked for.") { slot, expires, options.RefreshInterval };
        command.SetAction((parse, cancellationToken) => Session.RunAsync(parse, options,
            session => SetAsync(session, parse.GetRequiredValue(slot)!.Value, parse.GetValue(expires), cancellationToken), cancellationToken));
        return command;
    }

    private static DateTimeOffset? ReadDate(ArgumentResult result, DateTimeOffset now)
    {
        if (DateTimeOffset.TryParseExact(result.Tokens[0].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            && date > now)
        {
            return date;
        }

        result.AddError(UsageError.WrongDate);
        return null;
    }

    private static async Task<int> SetAsync(Session session, KeySlot slot, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        var (key, refusal) = await KeyInput.ReadAsync(session.Terminal, $"The new key of {slot.Name()}", cancellationToken);
        return session.Report(key is null
            ? new RotationResult(RotationOutcome.Refused, $"{refusal} Nothing was written.")
            : await session.Terminal.WorkAsync(() => session.Rotator.SetAsync(slot, key, expires, cancellationToken)));
    }
}
