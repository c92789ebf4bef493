using System.CommandLine;
using GeminiEdge.Cli;
using GeminiEdge.Cli.Commands;

var options = new CommonOptions();
var root = new RootCommand("Shows, probes, rotates, issues and retires the Gemini API keys that GeminiEdge reads from a Key Vault.")
{
    KeysCommand.Create(options),
    ProbeCommand.Create(options),
    SetCommand.Create(options),
    FleetCommand.Create(options),
    ConfirmCommand.Create(options),
    WatchCommand.Create(options),
    RotateCommand.Create(options),
    PromoteCommand.Create(options),
    RollbackCommand.Create(options),
    PurgeCommand.Create(options),
    LeakCommand.Create(options),
    IssueCommand.Create(options),
    RetireCommand.Create(options),
    DrillCommand.Create(options),
};
options.AddTo(root);
HelpPage.AddTo(root);
return await CommandLine.RunAsync(root, args);
