using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace GeminiEdge.Cli;

/// <summary>The help of `edgectl` and of each command: what it takes, examples, and the exit codes that it can end with.</summary>
internal sealed class HelpPage(Terminal terminal) : SynchronousCommandLineAction
{
    private const int Indent = 2;

    /// <summary>Whoever asks for help need not have typed the rest.</summary>
    public override bool ClearsParseErrors => true;

    public static void AddTo(RootCommand root, Terminal terminal) => root.Options.OfType<HelpOption>().Single().Action = new HelpPage(terminal);

    public static void Write(Terminal terminal, Command command)
    {
        var help = CommandHelp.Of(command);
        terminal.Print(command.Description!, hang: 0);
        Section(terminal, "Usage");
        terminal.Print($"  {Usage(command)}");
        Section(terminal, "Arguments", command.Arguments.Select(argument => ($"<{argument.HelpName ?? argument.Name}>", argument.Description!)));
        Section(terminal, "Commands", command.Subcommands.Select(known => (Synopsis(known), known.Description!)));
        Section(terminal, "Options", Options(command).Select(option => (NameOf(option), Explain(option))));
        Section(terminal, "Examples", help.Examples);
        Section(terminal, "Settings", help.Settings);
        foreach (var paragraph in help.Paragraphs)
        {
            terminal.Print("");
            terminal.Print(paragraph, hang: 0);
        }

        Section(terminal, "Exit codes", help.ExitCodes.Select(code => ($"{code.Code}", code.Meaning)));
    }

    public override int Invoke(ParseResult parseResult)
    {
        Write(terminal, parseResult.CommandResult.Command);
        return 0;
    }

    private static string Usage(Command command) => command is RootCommand ? "edgectl [command] [options]" : $"edgectl {Synopsis(command)} [options]";

    private static string Synopsis(Command command) => string.Join(' ',
        [command.Name, .. command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues > 0 ? $"<{argument.HelpName ?? argument.Name}>" : $"[{argument.HelpName ?? argument.Name}]")]);

    /// <summary>Its own, and last the one that every command has.</summary>
    private static IEnumerable<Option> Options(Command command) => command is RootCommand
        ? command.Options.OrderBy(option => option is HelpOption)
        : command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive));

    private static string NameOf(Option option) => option switch
    {
        HelpOption => "-h, --help",
        { Arity.MaximumNumberOfValues: 0 } => option.Name,
        _ => $"{option.Name} <{option.HelpName ?? option.Name}>",
    };

    private static string Explain(Option option) => option switch
    {
        HelpOption => "Show this.",
        VersionOption => "Show the version.",
        _ => option.Description!,
    };

    private static void Section(Terminal terminal, string title, IEnumerable<(string Name, string Text)> pairs)
    {
        var all = pairs.ToList();
        if (all.Count > 0)
        {
            Section(terminal, title);
            terminal.Print(all, Indent);
        }
    }

    private static void Section(Terminal terminal, string title)
    {
        terminal.Print("");
        terminal.Print(new Cell($"{title}:", Tone.Title), "");
    }
}
