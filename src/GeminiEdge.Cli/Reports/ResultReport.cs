using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Cli.Leak;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Reports;

/// <summary>The end of a command: what was done, on standard output; why not, on standard error.</summary>
internal static class ResultReport
{
    public static void Write(Session session, RotationResult result, KeyAtGoogle? key, LeakFacts? leak)
    {
        foreach (var warning in result.Warnings)
        {
            session.Terminal.Say($"Warning: {warning}");
        }

        if (result.Outcome != RotationOutcome.Done)
        {
            session.Terminal.Say($"edgectl: {result.Message}");
        }

        if (session.Json)
        {
            WriteJson(session, result, key, leak);
            return;
        }

        // A rotation says each step as it takes it.
        foreach (var step in result.Steps.Where(step => step.At is null || !session.Terminal.IsOneScreen))
        {
            session.Terminal.Print($"{(session.DryRun ? "would: " : "")}{step.Text}");
        }

        if (result.Outcome == RotationOutcome.Done)
        {
            session.Terminal.Print(session.DryRun ? $"Nothing was written. It would end with: {result.Message}" : result.Message);
        }
    }

    private static void WriteJson(Session session, RotationResult result, KeyAtGoogle? key, LeakFacts? leak) => JsonReport.Write(session.Terminal, json =>
    {
        json.WriteString("outcome", ExitCode.NameOf(result.Outcome));
        json.WriteString("message", result.Message);
        json.WriteString("vault", session.Vault.AbsoluteUri);
        json.WriteText("rotation", result.RotationId);
        json.WriteText("key_id", key?.KeyId);
        json.WriteText("google_key", key?.Name);
        if (session.DryRun)
        {
            json.WriteBoolean("dry_run", true);
        }

        json.WriteTexts("steps", [.. result.Steps.Select(step => step.Text)]);
        json.WriteTexts("warnings", result.Warnings);
        WatchReport.Write(json, result.Watched);
        leak?.WriteTo(json);
    });
}
