using System.CommandLine;
using GeminiEdge.Cli.GoogleApiKeys;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl issue`: makes a new key at Google, and stores it as SECONDARY.</summary>
internal static class IssueCommand
{
    public static Command Create(CommonOptions options)
    {
        var google = new GoogleOptions();
        var serviceAccount = new Option<string?>("--service-account")
        {
            Description = "The service account that the key is bound to: it makes an auth key (AQ.…).",
            HelpName = "EMAIL",
        };
        var displayName = new Option<string?>("--display-name")
        {
            Description = "The key's name at Google; \"GeminiEdge\" and the date by default.",
            HelpName = "NAME",
        };
        var command = new Command("issue", "Makes a key at Google, restricted to the Gemini API, and stores it as SECONDARY once it answers.")
        {
            google.Project, serviceAccount, displayName, google.ByHand, options.Expires, options.MaxAge, options.Vault, options.Fleet, options.App, options.Json, options.DryRun,
        };
        command.SetAction((parse, cancellationToken) =>
        {
            var problem = parse.GetValue(serviceAccount) is { } email && !email.EndsWith(".gserviceaccount.com", StringComparison.Ordinal)
                ? "The option --service-account is a service account's address, NAME@PROJECT.iam.gserviceaccount.com."
                : parse.GetValue(displayName) is { Length: > 63 } ? "The option --display-name is at most 63 characters long." : null;
            return problem is not null
                ? Task.FromResult(UsageError.Report(parse, options, [problem]))
                : google.RunAsync(parse, options, google.ReadProject(parse, options.World),
                    session => new ByHand(session).IssueAsync(cancellationToken),
                    (session, keys, project) => new KeyIssue(session, keys,
                        NewKey.Of(project, parse.GetValue(displayName), parse.GetValue(serviceAccount), session.Vault, session.Time.GetUtcNow())).RunAsync(cancellationToken),
                    cancellationToken);
        });
        return command;
    }
}
