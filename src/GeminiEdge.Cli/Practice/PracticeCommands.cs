using System.Collections.Immutable;
using System.Globalization;
using GeminiEdge.Cli.Drill;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Cli.Practice;

/// <summary>What is typed into the sandbox: it does to the simulators what the world does to the real ones.</summary>
/// <remarks>It never repeats a line: it may be a key that was pasted into the wrong terminal.</remarks>
internal sealed class PracticeCommands
{
    private const string Missing = "Google knows no such key. Name a slot that holds one, or a key's last four characters; `status` shows them.";

    private static readonly TimeSpan VaultSlowness = TimeSpan.FromSeconds(2);

    // In the order of the help.
    private readonly ImmutableArray<Command> _commands;
    private readonly DrillBed _bed;
    private readonly PracticeKeys _keys;
    private readonly PracticeCallers _callers;
    private readonly Terminal _terminal;

    public PracticeCommands(DrillBed bed, PracticeKeys keys, PracticeCallers callers, Terminal terminal)
    {
        (_bed, _keys, _callers, _terminal) = (bed, keys, callers, terminal);
        _commands =
        [
            new("key", "", "shows a new key, as Google AI Studio would, for `edgectl set`", _ => ShowKey()),
            .. SandboxKeyActions.All.Select(action => new Command(action.Name, "SLOT or KEY_ID", action.Effect, word => Act(action, word))),
            new("overload", "on or off", "Gemini is overloaded for every key that it knows now: 503", Overload),
            new("vault", "ok, slow, throttled, denied or away", "how Key Vault answers", SetVault),
            new("load", $"0 to {PracticeCallers.Most}", "so many requests a second", SetLoad),
            new("status", "", "the keys in the vault, what Google does with each, what callers got", _ => ShowStatus()),
            new("help", "", "these lines", _ => ShowHelp()),
            new("quit", "", "ends the sandbox, as Ctrl-C does", _ => true),
        ];
    }

    /// <returns>Whether the sandbox goes on.</returns>
    public bool Run(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is [])
        {
            return true;
        }

        if (_commands.FirstOrDefault(known => known.Name == words[0]) is not { } command)
        {
            _terminal.Say("That is no command of the sandbox's; `help` lists them. `edgectl …` is for the second terminal.");
            return true;
        }

        var takesWord = command.Takes.Length > 0;
        if (words.Length != (takesWord ? 2 : 1) || !command.Do(words[^1]))
        {
            _terminal.Say($"`{command.Name}` takes {(takesWord ? $"one word: {command.Takes}" : "nothing")}.");
            return true;
        }

        return command.Name != "quit";
    }

    private bool ShowKey()
    {
        _terminal.Say("A new key. The sandbox's Google knows it, and nobody else:");
        _terminal.Print(_keys.New().Reveal());
        return true;
    }

    private bool Act(SandboxKeyAction action, string word)
    {
        if (_keys.Find(word) is { } key)
        {
            action.Apply(key);
            _terminal.Say($"{_keys.Name(key.Value[^4..])}: {action.Effect}.");
        }
        else
        {
            _terminal.Say(Missing);
        }

        return true;
    }

    private bool Overload(string word)
    {
        if (word is not ("on" or "off"))
        {
            return false;
        }

        // A key that somebody killed stays dead.
        var (from, to) = word == "on" ? (SandboxKeyState.Working, SandboxKeyState.Overloaded) : (SandboxKeyState.Overloaded, SandboxKeyState.Working);
        foreach (var key in _bed.Gemini.Keys.Where(key => key.State == from))
        {
            key.State = to;
        }

        _terminal.Say(word == "on" ? "Gemini is overloaded for every key that it knows now." : "Gemini is no longer overloaded.");
        return true;
    }

    private bool SetVault(string word)
    {
        (KeyVaultFault Fault, string Sentence)? chosen = word switch
        {
            "ok" => (KeyVaultFault.None, "The vault answers."),
            "slow" => (KeyVaultFault.SlowBy(VaultSlowness), $"The vault takes {VaultSlowness.TotalSeconds:0} s for each answer."),
            "throttled" => (KeyVaultFault.Throttled429, "The vault answers 429 to everybody."),
            "denied" => (KeyVaultFault.Forbidden403, "The vault answers 403, as if nobody had a role."),
            "away" => (KeyVaultFault.Outage, "The vault can't be reached."),
            _ => null,
        };
        if (chosen is not { } next)
        {
            return false;
        }

        _bed.Vault.Fault = next.Fault;
        _terminal.Say(next.Sentence);
        return true;
    }

    private bool SetLoad(string word)
    {
        if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var perSecond) || perSecond > PracticeCallers.Most)
        {
            return false;
        }

        _callers.PerSecond = perSecond;
        _terminal.Say($"Callers send {perSecond} requests a second.");
        return true;
    }

    private bool ShowStatus()
    {
        _terminal.Print(["SLOT", "KEY_ID", "AT GOOGLE"], _keys.InVault().Select(held => new Cell[]
        {
            held.Slot.Name(),
            held.Value[^4..],
            held.AtGoogle is not { } key ? new("not known", Tone.Bad)
                : key is { State: SandboxKeyState.Working, Delay.Ticks: > 0 } ? new("slow", Tone.Doubtful)
                : new(WordOf(key.State), key.State == SandboxKeyState.Working ? Tone.Good : Tone.Bad),
        }));
        _terminal.Say(_callers.Counts);
        return true;
    }

    private static string WordOf(SandboxKeyState state) => state switch
    {
        SandboxKeyState.Working => "works",
        SandboxKeyState.Expired => "expired",
        SandboxKeyState.QuotaMinute => "quota spent",
        SandboxKeyState.Leaked => "blocked as leaked",
        SandboxKeyState.Overloaded => "overloaded",
        _ => "refused",
    };

    private bool ShowHelp()
    {
        _terminal.Print(["COMMAND", "TAKES", "WHAT IT DOES"], _commands.Select(command => new Cell[] { command.Name, command.Takes, command.Help }));
        return true;
    }

    /// <summary>One of them.</summary>
    /// <param name="Takes">What its one word is; empty where it takes none.</param>
    /// <param name="Do">Does it, and says so; false where the word is none that it takes.</param>
    private sealed record Command(string Name, string Takes, string Help, Func<string, bool> Do);
}
