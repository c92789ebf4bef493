using System.CommandLine;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl help [COMMAND]`: the same as `--help`, for who thinks of the one first.</summary>
internal static class HelpCommand
{
    public const string Name = "help";

    public static Command Create(CommonOptions options)
    {
        var name = new Argument<string?>("COMMAND") { Arity = ArgumentArity.ZeroOrOne, Description = "The command that is explained; without it, edgectl itself." };
        var command = new Command(Name, "Explains a command: `edgectl help promote` is `edgectl promote --help`.") { name };
        command.SetAction(parse =>
        {
            var (root, wanted) = (parse.RootCommandResult.Command, parse.GetValue(name));
            var known = wanted is null ? root : root.Subcommands.FirstOrDefault(other => other.Name == wanted);
            if (known is null)
            {
                return UsageError.Report(parse, options, [UsageError.Unknown(wanted!, root.Subcommands.Select(other => other.Name))]);
            }

            HelpPage.Write(options.Terminal, known);
            return 0;
        });
        return command;
    }
}
