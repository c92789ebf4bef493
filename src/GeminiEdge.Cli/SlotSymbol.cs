using System.CommandLine;
using System.CommandLine.Parsing;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli;

/// <summary>Slots on the command line, by their public names.</summary>
internal static class SlotSymbol
{
    private static readonly string[] Names = [.. KeySlots.All.Select(slot => slot.Name())];

    public static Argument<KeySlot?> Argument(ArgumentArity arity, string description)
    {
        var argument = new Argument<KeySlot?>("SLOT") { Arity = arity, CustomParser = Parse, Description = description, HelpName = "SLOT" };
        argument.CompletionSources.Clear();
        argument.CompletionSources.Add(Names);
        return argument;
    }

    public static Option<KeySlot?> Option(string name, string description)
    {
        var option = new Option<KeySlot?>(name) { CustomParser = Parse, Description = description, HelpName = "SLOT" };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(Names);
        return option;
    }

    private static KeySlot? Parse(ArgumentResult result)
    {
        if (KeySlots.Parse(result.Tokens[0].Value) is { } slot)
        {
            return slot;
        }

        result.AddError(UsageError.UnknownSlot);
        return null;
    }
}
