using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Telemetry;

namespace GeminiEdge.Server;

/// <summary>
/// The command line: where to listen, or a question about the program. All else is a setting in the environment, so that no key gets
/// onto a command line; and what isn't known is never repeated, because it may be one.
/// </summary>
/// <param name="Urls">What follows <c>--urls</c>; null without it.</param>
/// <param name="AsksHealth">Whether the edge that listens there is asked, instead of being one.</param>
/// <param name="Ends">The exit code of a run that only answers; null for one that goes on.</param>
internal sealed record Arguments(string? Urls, bool AsksHealth, int? Ends)
{
    public const string UrlsOption = "--urls";

    private const string Unknown =
        "GeminiEdge: an argument is not known here; it isn't repeated, because it could be a key. The options are --urls ADDRESS, --health, --help and --version; "
        + "everything else is a setting in the environment, and --help names the ones that matter.";

    private const string KeyOnCommandLine =
        "A key on the command line stands in the shell's history and in the list of processes: if that was one, rotate it. "
        + "The edge reads keys from the environment (GEMINI_API_KEY_PRIMARY) or from a key vault.";

    /// <summary>Reads them, and answers at once what can be.</summary>
    /// <param name="args">As the process got them.</param>
    /// <param name="onHost">The Functions host started it: that passes what its host.json says, and three ends within half an hour stop it.</param>
    public static Arguments Read(IReadOnlyList<string> args, bool onHost)
    {
        if (onHost)
        {
            return new Arguments(null, false, null);
        }

        string? urls = null;
        var asksHealth = false;
        for (var index = 0; index < args.Count; index++)
        {
            switch (args[index])
            {
                case "--help" or "-h" or "-?":
                    return Answer(HelpPage.Text);
                case "--version":
                    return Answer(EdgeVersion.Text);
                case "--health":
                    asksHealth = true;
                    break;
                case UrlsOption when index + 1 < args.Count && !args[index + 1].StartsWith('-'):
                    urls = args[++index];
                    break;
                case UrlsOption:
                    return Refuse("GeminiEdge: the option --urls takes an address, as http://127.0.0.1:8080.");
                case var joined when joined.StartsWith($"{UrlsOption}=", StringComparison.Ordinal):
                    urls = joined[(UrlsOption.Length + 1)..];
                    break;
                default:
                    return Refuse(args.Any(PastedKey.IsIn) ? $"{Unknown}\n{KeyOnCommandLine}" : Unknown);
            }
        }

        return new Arguments(urls, asksHealth, null);
    }

    /// <summary>Says why it does not start.</summary>
    public static int Fail(string sentence, int exitCode)
    {
        StandardStreams.Say(sentence, wait: TimeSpan.FromSeconds(1));
        return exitCode;
    }

    private static Arguments Refuse(string sentence) => new(null, false, Fail(sentence, ExitCode.Usage));

    private static Arguments Answer(string text)
    {
        try
        {
            using var output = new StreamWriter(StandardStreams.OpenOutput());
            output.WriteLine(text);
        }
        catch (IOException)
        {
            // Whoever asked has seen enough, as `head` has.
        }

        return new Arguments(null, false, ExitCode.Done);
    }
}
