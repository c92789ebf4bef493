using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using GeminiEdge.Cli.Commands;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli;

/// <summary>
/// Says what is wrong with a command line without repeating any of it: an argument may be a key, and the parser's own
/// sentences quote arguments.
/// </summary>
internal static class UsageError
{
    public static readonly string UnknownSlot = $"SLOT is one of {string.Join(", ", KeySlots.All.Select(slot => slot.Name()))}.";

    public const string WrongInterval = "The option --refresh-interval is a duration as hh:mm:ss, more than zero and at most an hour.";

    public const string WrongDuration = "The options --for and --timeout are durations as 30m, 90s, 2h or hh:mm:ss, at most a day.";

    public const string WrongDate = "The option --expires is a day to come as 2026-12-31, at 00:00 UTC.";

    public const string WrongMaxAge = "The option --max-age is a duration as 90d, 36h or d.hh:mm:ss, at least an hour and at most 3650 days.";

    private const string KeyOnCommandLine =
        "A key on the command line stands in the shell's history and in the list of processes: if that was one, rotate it. "
        + "`edgectl set SLOT` reads the key from standard input, or asks for it.";

    private static readonly ImmutableArray<string> Own = [UnknownSlot, WrongInterval, WrongDuration, WrongDate, WrongMaxAge];

    /// <summary>Reports what the parser found.</summary>
    public static int Report(ParseResult parse, CommonOptions options) =>
        Report(parse, options, parse is { CommandResult.Command: RootCommand, UnmatchedTokens: [['-', ..] or [], ..] or [] } or { CommandResult.Command: not RootCommand } && Misplaced(parse) is { } misplaced ? [misplaced]
            : parse.UnmatchedTokens.Count > 0 ? [Unknown(parse)]
            : parse.Errors.Select(Sentence).Distinct());

    /// <summary>Something that is not known here, and what it may have been meant for.</summary>
    public static string Unknown(string typed, IEnumerable<string> known) => Suggestion.For(typed, known) is { } name
        ? $"An argument is not known here; it isn't repeated, because it could be a key. Did you mean `{name}`?"
        : "An argument is not known here; it isn't repeated, because it could be a key.";

    /// <summary>Reports what a command found wrong with its options or settings.</summary>
    public static int Report(ParseResult parse, CommonOptions options, IEnumerable<string> sentences)
    {
        var command = parse.CommandResult.Command;
        var terminal = options.Terminal;
        foreach (var sentence in sentences)
        {
            terminal.Say($"edgectl: {sentence}");
        }

        if (parse.Tokens.Any(token => PastedKey.IsIn(token.Value)) || (command.Name == "set" && parse.UnmatchedTokens.Count > 0))
        {
            terminal.Say(KeyOnCommandLine);
        }

        terminal.Say(command is RootCommand || command.Name == HelpCommand.Name
            ? $"Commands: {string.Join(", ", parse.RootCommandResult.Command.Subcommands.Select(known => known.Name))}. `edgectl --help` explains them."
            : $"`edgectl {command.Name} --help` shows how it is used.");
        return ExitCode.Usage;
    }

    /// <summary>An option that another command takes, or this one where it does not stand before it: its name is none of a key's.</summary>
    private static string? Misplaced(ParseResult parse)
    {
        var (command, root) = (parse.CommandResult.Command, parse.RootCommandResult.Command);
        var typed = parse.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).Where(token => token.Type != TokenType.Option).Select(token => token.Value.Split('=')[0]).ToHashSet();
        return root.Subcommands.SelectMany(other => other.Options).FirstOrDefault(option => typed.Contains(option.Name)) is not { } known ? null
            : command is RootCommand ? $"The option {known.Name} stands behind a command."
            : command.Options.Any(option => option.Name == known.Name) ? $"The option {known.Name} stands behind the command: `edgectl {command.Name} {known.Name} …`."
            : $"`edgectl {command.Name}` takes no {known.Name}.";
    }

    private static string Unknown(ParseResult parse)
    {
        var (command, typed) = (parse.CommandResult.Command, parse.UnmatchedTokens[0].Split('=')[0]);
        return Unknown(typed, typed.StartsWith('-') ? command.Options.Select(option => option.Name) : command.Subcommands.Select(known => known.Name));
    }

    private static string Sentence(ParseError error) => error.SymbolResult switch
    {
        _ when Own.Contains(error.Message) => error.Message,
        OptionResult { Option.Arity.MaximumNumberOfValues: 0 } option => $"The option {option.Option.Name} takes no value.",
        OptionResult option => $"The option {option.Option.Name} takes one value.",
        ArgumentResult argument => $"{argument.Argument.Name} is missing.",
        CommandResult { Command: RootCommand } => "A command is missing.",
        CommandResult command when command.Command.Arguments.Count > 0 => $"{command.Command.Arguments[0].Name} is missing.",
        _ => "The command line can't be understood.",
    };
}
