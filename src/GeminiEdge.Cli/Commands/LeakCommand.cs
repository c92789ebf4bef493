using System.CommandLine;
using System.Text.RegularExpressions;
using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Cli.Leak;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl leak [SLOT]`: the first sixty minutes after a key has leaked.</summary>
internal static partial class LeakCommand
{
    public static Command Create(CommonOptions options)
    {
        var google = new GoogleOptions();
        var slot = SlotSymbol.Argument(ArgumentArity.ZeroOrOne, "The slot whose key has leaked; PRIMARY by default.");
        var keyId = new Option<string?>("--key-id")
        {
            Description = "The leaked key's last four characters: nothing happens if the slot holds another.",
            HelpName = "KEY_ID",
        };
        var site = new Option<string?>("--site")
        {
            Description = "The app whose Key Vault references Azure is to read again; without it, GEMINI_EDGE_SITE.",
            HelpName = "RESOURCE_ID",
        };
        var noNewKey = new Option<bool>("--no-new-key")
        {
            Description = "Ask for no new key: SECONDARY then waits for `edgectl set SECONDARY`.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command("leak", "A key has leaked: takes it out of the vault and every ring within a minute, then out of the world; takes over any rotation.")
        {
            slot, keyId, site, noNewKey, google.Project, google.ByHand, options.Expires, options.MaxAge, options.RefreshInterval, options.Report, options.Vault, options.Fleet, options.App, options.Json, options.DryRun,
        };
        command.SetAction((parse, cancellationToken) =>
        {
            var (id, resource) = (parse.GetValue(keyId), parse.GetValue(site) ?? options.World.Variable("GEMINI_EDGE_SITE"));
            var (management, problem) = ServiceAddress.AzureManagement(options.World);
            problem ??= id is not null && !KeyId().IsMatch(id) ? "The option --key-id is the last four characters of the key, and no more."
                : resource is not null && !ReferenceRefresh.IsSite(resource) ? "The option --site, or GEMINI_EDGE_SITE, is a resource id, /subscriptions/…/resourceGroups/…/providers/Microsoft.Web/sites/NAME."
                : null;
            return problem is not null
                ? Task.FromResult(UsageError.Report(parse, options, [problem]))
                : Session.RunAsync(parse, options, session => new LeakRun(session, new LeakWishes(
                    parse.GetValue(slot) ?? KeySlot.Primary, id, resource, management!, parse.GetValue(noNewKey),
                    (_, token) => google.OpenAsync(parse, options.World, token))).RunAsync(cancellationToken), cancellationToken);
        });
        return command;
    }

    [GeneratedRegex("^[!-~]{4}$")]
    private static partial Regex KeyId();
}
