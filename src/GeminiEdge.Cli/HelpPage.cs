using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace GeminiEdge.Cli;

/// <summary>The help of `edgectl` itself: the parser's own, then examples and exit codes.</summary>
internal sealed class HelpPage(HelpAction commandHelp) : SynchronousCommandLineAction
{
    private const string Rest = """
        Examples:
          edgectl keys --vault https://my-vault.vault.azure.net/
          edgectl set SECONDARY < new-key.txt      the key comes from standard input, or is asked for: never an argument
          edgectl promote --dry-run                what a rotation would do
          edgectl promote                          SECONDARY becomes PRIMARY, the former PRIMARY stays as OLD for 24 hours
          edgectl rotate --for 30m                 the same, then watched: on evidence it rolls back by itself
          edgectl fleet --watch                    every instance, its key and its last minute
          edgectl rollback                         OLD becomes PRIMARY again
          edgectl leak                             PRIMARY's key has leaked: the first sixty minutes as one command
          edgectl issue --project my-project       a new key from Google becomes SECONDARY
          edgectl retire CrAC --project my-project the key …CrAC, which no slot holds any more, is deleted at Google
          edgectl keys --json                      the same for a script
          edgectl drill                            all of it under load, on simulators: changes nothing of yours

        Results go to standard output, everything else to standard error. A command that was stopped is run again to resume.
        It signs in as the environment, a workload or managed identity, `az login` or `azd auth login` says, in this order;
        writing needs the role Key Vault Secrets Officer, reading Key Vault Secrets User. At Google, `issue` and `retire` use the
        application default credentials and need the role roles/serviceusage.apiKeysAdmin; without any they tell what to do by hand.

        Settings:
          GEMINI_KEYVAULT_URI              the vault, when --vault isn't given
          GEMINI_KEYVAULT_MAX_AGE          what --max-age is when it isn't given, for a vault whose policy demands an expiry of every secret
          GEMINI_EDGE_FLEET                the fleet register, when --fleet isn't given; it takes the role Storage Table Data Reader
          WEBSITE_SITE_NAME                the app, when --app isn't given
          GEMINI_BASE_URL, GEMINI_MODEL    where and with which model keys are probed, as at the edge
          GOOGLE_CLOUD_PROJECT             the project of issue and retire, when --project isn't given
          GEMINI_EDGE_SITE                 the app whose Key Vault references `leak` refreshes, when --site isn't given
          GEMINI_EDGE_APIKEYS_URL          Google's API Keys API, https://apikeys.googleapis.com/ unless a simulator stands in

        Exit codes:
          0 done   1 failed   2 not converged: an edge may still use the former key, or Google still takes a retired one   3 refused: it was not done, and the message says why
          4 access: not signed in, a role is missing, or a policy of the vault refuses   64 the command line or a setting is wrong   130 stopped by Ctrl-C

        """;

    public static void AddTo(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpPage((HelpAction)help.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var code = commandHelp.Invoke(parseResult);
        if (parseResult.CommandResult.Command is RootCommand)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(Rest);
        }

        return code;
    }
}
