using System.CommandLine;
using GeminiEdge.Cli.Practice;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl sandbox`: edges on simulators, on which every other command can be practised from a second terminal.</summary>
internal static class SandboxCommand
{
    public static Command Create(CommonOptions options)
    {
        var command = new Command("sandbox", "Starts two edges on simulators of Gemini, Key Vault, Table storage and Google's API Keys, to practise every other command on from a second terminal. Nothing of yours is read or changed.");
        command.SetAction(async (parse, cancellationToken) =>
        {
            try
            {
                return await new PracticeRun(options.Terminal, options.World.Time).RunAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // That is how one leaves it.
                options.Terminal.Say(PracticeRun.Gone);
                return 0;
            }
        });
        return command;
    }
}
