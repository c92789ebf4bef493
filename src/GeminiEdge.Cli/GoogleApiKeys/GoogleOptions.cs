using System.CommandLine;
using System.Text.RegularExpressions;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>What the commands that work at Google have in common: the project, and doing without credentials.</summary>
internal sealed partial class GoogleOptions
{
    public Option<string?> Project { get; } = new("--project")
    {
        Description = "The Google Cloud project of the key; without it, GOOGLE_CLOUD_PROJECT.",
        HelpName = "PROJECT",
    };

    public Option<bool> ByHand { get; } = new("--by-hand")
    {
        Description = "Use no Google credentials: say what to do in AI Studio.",
        Arity = ArgumentArity.Zero,
    };

    public string? ReadProject(ParseResult parse, World world) => parse.GetValue(Project) ?? world.Variable("GOOGLE_CLOUD_PROJECT");

    /// <summary>Signs in at Google and works there, or by hand when that is wanted or nobody is signed in.</summary>
    public async Task<int> RunAsync(
        ParseResult parse, CommonOptions options, string? project,
        Func<Session, Task<int>> byHand, Func<Session, GoogleKeys, string, Task<int>> work, CancellationToken cancellationToken)
    {
        if (parse.GetValue(ByHand))
        {
            return await Session.RunAsync(parse, options, byHand, cancellationToken);
        }

        var (address, problem) = ServiceAddress.ApiKeys(options.World);
        if (problem is null && project is { Length: > 0 } && !ProjectId().IsMatch(project))
        {
            problem = "The project is a Google Cloud project's id or number.";
        }

        if (problem is not null)
        {
            return UsageError.Report(parse, options, [problem]);
        }

        return await Session.RunAsync(parse, options, async session =>
        {
            var (signIn, failure) = await GoogleSignIn.OpenAsync(session.World, project ?? "", cancellationToken);
            if (failure is not null)
            {
                return session.Report(failure);
            }

            if (signIn is null)
            {
                session.Terminal.Say("There are no Google credentials here, so this goes by hand; after `gcloud auth application-default login` it needs no hand.");
                return await byHand(session);
            }

            if (project is not { Length: > 0 })
            {
                return UsageError.Report(parse, options, ["No project is named: use --project, or set GOOGLE_CLOUD_PROJECT."]);
            }

            using var google = new GoogleKeys(signIn, address!, session.Time);
            return await work(session, google, project);
        }, cancellationToken);
    }

    /// <summary>The same for a command that goes on by hand, whatever stands against signing in.</summary>
    public async Task<(GoogleKeys? Keys, string? Project, string? Why)> OpenAsync(ParseResult parse, World world, CancellationToken cancellationToken)
    {
        if (parse.GetValue(ByHand))
        {
            return (null, null, null);
        }

        var project = ReadProject(parse, world);
        var (address, problem) = ServiceAddress.ApiKeys(world);
        problem ??= project is not { Length: > 0 } ? "No Google project is named (--project)." : ProjectId().IsMatch(project) ? null : "The project is a Google Cloud project's id or number.";
        if (problem is not null)
        {
            return (null, null, problem);
        }

        var (signIn, failure) = await GoogleSignIn.OpenAsync(world, project!, cancellationToken);
        return signIn is null
            ? (null, null, failure?.Message ?? "There are no Google credentials here.")
            : (new GoogleKeys(signIn, address!, world.Time), project, null);
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.:-]{0,99}\z")]
    public static partial Regex ProjectId();
}
