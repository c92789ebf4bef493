using System.CommandLine;
using System.Text.RegularExpressions;
using GeminiEdge.Cli.GoogleApiKeys;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl retire`: deletes at Google a key that no slot holds any more.</summary>
internal static partial class RetireCommand
{
    public static Command Create(CommonOptions options)
    {
        var google = new GoogleOptions();
        var keyId = new Argument<string?>("KEY_ID")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The last four characters of the key, as logs and `edgectl keys` show it; after `--` if it begins with a dash.",
        };
        var name = new Option<string?>("--key")
        {
            Description = "The key's resource name, projects/P/locations/global/keys/ID, in place of KEY_ID and --project.",
            HelpName = "NAME",
        };
        var wait = new Option<bool>("--wait")
        {
            Description = "By hand: take the key from standard input or a prompt, and wait until Google refuses it.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command("retire", "Deletes a key at Google, unless a slot holds it or no other key works; exits 2 while it still answers.")
        {
            keyId, google.Project, name, google.ByHand, wait, options.RefreshInterval, options.Vault, options.Json, options.DryRun,
        };
        command.SetAction((parse, cancellationToken) =>
        {
            var (id, resource, waits) = (parse.GetValue(keyId), parse.GetValue(name), parse.GetValue(wait));
            var project = resource is not null ? resource.Split('/').ElementAtOrDefault(1) : google.ReadProject(parse, options.World);
            if (Problem(id, resource, waits) is { } problem)
            {
                return Task.FromResult(UsageError.Report(parse, options, [problem]));
            }

            return google.RunAsync(parse, options, project,
                session => id is null && !waits
                    ? Task.FromResult(session.Report(KeyRetirement.Refused("By hand it takes the key's last four characters: `edgectl retire KEY_ID`, or --wait and the key itself.")))
                    : new ByHand(session).RetireAsync(id, waits, cancellationToken),
                (session, keys, projectId) => new ApiRetirement(session, keys, projectId).RunAsync(resource, id, cancellationToken),
                cancellationToken);
        });
        return command;
    }

    private static string? Problem(string? id, string? name, bool waits) => (id, name) switch
    {
        (not null, not null) => "KEY_ID and --key both name the key: use one of them.",
        (null, null) when !waits => "Name the key: its last four characters, or --key and its resource name.",
        (not null, _) when !KeyId().IsMatch(id) => "KEY_ID is the last four characters of the key, and no more.",
        (_, not null) when !GoogleKeys.Name().IsMatch(name) => "The option --key is a resource name, projects/P/locations/global/keys/ID.",
        _ => null,
    };

    [GeneratedRegex("^[!-~]{4}$")]
    private static partial Regex KeyId();
}
