using System.Collections.Immutable;
using System.CommandLine;
using GeminiEdge.Rotation;
using static GeminiEdge.Rotation.RotationOutcome;

namespace GeminiEdge.Cli;

/// <summary>What the help of a command says besides what the parser knows of it.</summary>
internal sealed record CommandHelp(ImmutableArray<(string Name, string Text)> Examples, ImmutableArray<(int Code, string Meaning)> ExitCodes)
{
    private const string Rotated = "an edge may still use the former key: look at it with `edgectl fleet`, then run the same command again";
    private const string Behind = "an earlier rotation was finished first, and an edge may still use its former key: run the same command again";
    private const string NotDone = "it was not done; the message says why";

    public ImmutableArray<(string Name, string Text)> Settings { get; private init; } = [];

    public ImmutableArray<string> Paragraphs { get; private init; } = [];

    public static CommandHelp Of(Command command) => command is RootCommand ? OfEdgectl : OfCommand(command.Name);

    private static CommandHelp OfEdgectl => new(
        [
            ("edgectl keys", "the slots of the vault, and how their keys do"),
            ("edgectl set SECONDARY < new-key.txt", "the key comes from standard input, or is asked for: never an argument"),
            ("edgectl promote --dry-run", "what a rotation would do"),
            ("edgectl rotate --for 30m", "SECONDARY becomes PRIMARY, and is watched: on evidence it rolls back by itself"),
            ("edgectl fleet --watch", "every instance, its key and its last minute"),
            ("edgectl leak", "PRIMARY's key has leaked: the first sixty minutes as one command"),
            ("edgectl drill", "a rehearsal under load, on simulators: changes nothing of yours"),
            ("edgectl sandbox", "edges on simulators, to practise all of it on from a second terminal"),
            ("edgectl help promote", "how one command is used, with more examples"),
        ],
        [.. Codes((Failed, "failed; the message says why"), (NotConverged, "an edge may still use the former key, or Google still takes one that is to be dead, or refuses one in use"), (Refused, NotDone))])
    {
        Settings =
        [
            ("GEMINI_KEYVAULT_URI", "the vault, when --vault isn't given"),
            ("GEMINI_KEYVAULT_MAX_AGE", "what --max-age is when it isn't given, for a vault whose policy demands an expiry of every secret"),
            ("GEMINI_EDGE_FLEET", "the fleet register, when --fleet isn't given; it takes the role Storage Table Data Reader"),
            ("WEBSITE_SITE_NAME", "the app, when --app isn't given"),
            ("GEMINI_BASE_URL, GEMINI_MODEL", "where and with which model keys are probed, as at the edge"),
            ("GOOGLE_CLOUD_PROJECT", "the project of issue, retire and leak, when --project isn't given"),
            ("GEMINI_EDGE_SITE", "the app whose Key Vault references `leak` refreshes, when --site isn't given"),
            ("GEMINI_EDGE_APIKEYS_URL", "Google's API Keys API, https://apikeys.googleapis.com/ unless a simulator stands in"),
            ("NO_COLOR", "no colours, if it is set"),
        ],
        Paragraphs =
        [
            "Results go to standard output, everything else to standard error. A command that was stopped is run again to resume.",
            "It signs in as the environment, a workload or managed identity, `az login` or `azd auth login` says, in this order. Writing needs the role Key Vault Secrets Officer, reading Key Vault Secrets User. "
                + "At Google, `issue`, `retire` and `leak` use the application default credentials and need the role roles/serviceusage.apiKeysAdmin; without any they tell what to do by hand.",
        ],
    };

    private static CommandHelp OfCommand(string name) => name switch
    {
        "keys" => new(
            [
                ("edgectl keys --vault https://my-vault.vault.azure.net/", "each slot, its key_id, and whether its key works"),
                ("edgectl keys --no-probe", "the vault alone: nothing is sent to Gemini"),
                ("edgectl keys --check --json", "for a monitor: exits 2 when Google refuses a key in use"),
            ],
            Codes((Failed, "the vault could not be read; the message says why"), (Rejected, "with --check: Google refuses a key that edges use"))),
        "probe" => new(
            [
                ("edgectl probe", "every slot that holds a key"),
                ("edgectl probe PRIMARY", "one slot"),
            ],
            Codes((Failed, "a key fails its probe, or the vault could not be read"), (Refused, "there is no key that may be probed"))),
        "set" => new(
            [
                ("edgectl set SECONDARY", "asks for the key, and shows nothing of it"),
                ("edgectl set SECONDARY < new-key.txt", "the key comes from standard input"),
                ("edgectl set SECONDARY --expires 2026-12-31", "the day by which it is to be replaced"),
            ],
            Codes((Failed, "failed; the message says why: run the same command again"), (NotConverged, Behind), (Refused, "it was not stored: what came is no key, fails its probe, or stands in another slot, or somebody else rotates; the message says which"))),
        "fleet" => new(
            [
                ("edgectl fleet", "every instance, its key and its last minute"),
                ("edgectl fleet --watch", "the same, shown anew every two seconds"),
                ("edgectl fleet --check --app edge-prod", "for a monitor: exits 2 when Google refuses a key in use"),
            ],
            Codes((Failed, "the register or the vault could not be read; the message says why"), (Rejected, "with --check: Google refuses a key that an active instance holds"))),
        "confirm" => new(
            [
                ("edgectl confirm", "waits as long as a rotation does"),
                ("edgectl confirm --timeout 0s", "asks once"),
            ],
            Codes((Failed, "the register or the vault could not be read; the message says why"), (NotConverged, "an active instance does not hold the newest ring, or the register holds none; the message names it"))),
        "watch" => new(
            [
                ("edgectl watch", "the last promotion, for half an hour"),
                ("edgectl watch --for 10m --report watch", "the same for ten minutes, with a record for an audit"),
            ],
            Codes((Failed, "it was rolled back on evidence, or could not be watched; the message says which"), (NotConverged, "it was rolled back, and an edge may still use the failed key: run `edgectl rollback`, which finishes it"),
                (Refused, "there is nothing to watch, or a rollback that is due can't be done; the message says which"))),
        "rotate" => new(
            [
                ("edgectl rotate --dry-run", "what it would do"),
                ("edgectl rotate --for 10m", "promotes SECONDARY, and watches it for ten minutes"),
                ("edgectl rotate --slot 3", "another slot of the ring takes SECONDARY's key"),
            ],
            Codes((Failed, "it was rolled back on evidence, or failed; the message says which"), (NotConverged, Rotated), (Refused, NotDone))),
        "promote" => new(
            [
                ("edgectl promote --dry-run", "what it would do"),
                ("edgectl promote", "SECONDARY becomes PRIMARY, the former PRIMARY stays as OLD for 24 hours"),
                ("edgectl promote --slot 3 --report record", "another slot of the ring, with a record for an audit"),
            ],
            Codes((Failed, "failed; the message says why: run the same command again"), (NotConverged, Rotated), (Refused, "nothing was promoted: SECONDARY holds no key that may be, OLD is still needed, or somebody else rotates; the message says which"))),
        "rollback" => new(
            [
                ("edgectl rollback --dry-run", "what it would do"),
                ("edgectl rollback", "OLD becomes PRIMARY again"),
            ],
            Codes((Failed, "failed; the message says why: run the same command again"), (NotConverged, Rotated), (Refused, "there is nothing to go back to; the message says why"))),
        "purge" => new(
            [
                ("edgectl purge --dry-run", "what it would empty, and which instances it would forget"),
                ("edgectl purge", "empties OLD if its 24 hours have passed"),
            ],
            Codes((Failed, "failed; the message says why: run the same command again"), (NotConverged, Behind), (Refused, "OLD stays: no other slot holds a key that works, or somebody else rotates"))),
        "leak" => new(
            [
                ("edgectl leak --dry-run", "what it would do in the vault"),
                ("edgectl leak --project my-project", "PRIMARY's key has leaked: all of it, the deletion at Google too"),
                ("edgectl leak 3 --key-id CrAC --report leak", "slot 3's, if that is …CrAC, with a record for an audit"),
                ("edgectl leak --by-hand", "without Google credentials: says what to do in AI Studio"),
            ],
            Codes((Failed, "failed, or no new SECONDARY could be stored; the message says which"), (NotConverged, "not_converged: an edge may still use the leaked key"), (StillTaken, "still_taken: Google may still take the leaked key"),
                (Refused, "nothing was taken out: the slot holds another key, or there is no key to go on with; the message says which"))),
        "issue" => new(
            [
                ("edgectl issue --project my-project", "a new key, restricted to the Gemini API, becomes SECONDARY"),
                ("edgectl issue --project my-project --dry-run", "whether you may"),
                ("edgectl issue --by-hand", "without Google credentials: says what to do in AI Studio"),
            ],
            Codes((Failed, "failed; the message says why, and whether a key is left over at Google"), (NotConverged, Behind), (Refused, "no key was stored; the message says why"))),
        "retire" => new(
            [
                ("edgectl retire CrAC --project my-project", "the key …CrAC, which no slot holds any more, is deleted at Google"),
                ("edgectl retire -- -rAC --project my-project", "one that begins with a dash"),
                ("edgectl retire --by-hand --wait", "without Google credentials: asks for the key, and waits until it is gone"),
            ],
            Codes((Failed, "failed; the message says why: run the same command again"), (StillTaken, "Google still takes the key"), (Refused, "the key stays: a slot holds it, or no other key works; the message says which"))),
        "drill" => new(
            [
                ("edgectl drill", "three rotations, dead keys, a vault outage and a rollback, in about a minute"),
                ("edgectl drill --bad-key", "a key that fails in traffic: rolled back by itself"),
                ("edgectl drill --outage", "Gemini is overloaded: nothing may be rolled back"),
                ("edgectl drill --leak", "a leaked key: nobody may use it after a minute"),
            ],
            [(0, "PASS"), (ExitCode.Of(Failed), "FAIL; the last line says why"), (ExitCode.Usage, UsageIsWrong), (ExitCode.Interrupted, "stopped by Ctrl-C; nothing is left of it")]),
        "sandbox" => new(
            [
                ("edgectl sandbox", "then, in a second terminal, the lines that it shows, and any other command"),
            ],
            [(0, "it was left, by `quit` or Ctrl-C"), (ExitCode.Of(Failed), "it could not start; the message says why"), (ExitCode.Usage, UsageIsWrong)]),
        "help" => new([("edgectl help promote", "how a command is used"), ("edgectl help", "what there is")], [(0, "shown"), (ExitCode.Usage, "there is no such command")]),
        _ => new([], Codes((Failed, "failed; the message says why"))),
    };

    private const string UsageIsWrong = "the command line or a setting is wrong; the message says which";

    /// <summary>Those of a command that works in a vault.</summary>
    private static ImmutableArray<(int Code, string Meaning)> Codes(params ReadOnlySpan<(RotationOutcome Outcome, string Meaning)> own)
    {
        ImmutableArray<(int, string)> named = [.. own.ToArray().Select(row => (ExitCode.Of(row.Outcome), row.Meaning))];
        return
        [
            (ExitCode.Of(Done), "done"),
            .. named,
            (ExitCode.Of(AccessDenied), "access: not signed in, a role is missing, or a policy of the vault refuses; the message says which"),
            (ExitCode.Usage, UsageIsWrong),
            (ExitCode.Interrupted, "stopped by Ctrl-C: run the same command again"),
        ];
    }
}
