using System.Globalization;

namespace GeminiEdge.Cli.Drill;

/// <summary>What the world saw of a leak's answer, whatever the command said itself.</summary>
/// <param name="KeyId">The leaked key.</param>
/// <param name="Contained">From the command's beginning to the last attempt that came to Gemini with it; null when none came, which would show nothing.</param>
/// <param name="Said">The same, as the command measured it; null when it says nothing.</param>
/// <param name="ExitCode">The command's.</param>
/// <param name="Versions">The readable versions of any secret that hold the key.</param>
/// <param name="Rings">The edges whose ring holds it.</param>
/// <param name="Verdict">What Gemini answers to it.</param>
/// <param name="IsDeleted">Google deleted it.</param>
internal sealed record LeakEvidence(
    string KeyId, TimeSpan? Contained, double? Said, int ExitCode, int Versions, int Rings, int Edges, string Verdict, bool IsDeleted, LoadResult Load)
{
    /// <summary>By then nobody may use the key any more.</summary>
    public static readonly TimeSpan Bar = TimeSpan.FromSeconds(60);

    public bool HoldsBar => Contained <= Bar;

    public bool IsDone => !Faults.Any();

    /// <summary>What stands against it; nothing if the leak is contained as it should be.</summary>
    public IEnumerable<string> Faults => new (bool IsSo, string Sentence)[]
    {
        (ExitCode != 0, $"`edgectl leak` exited {ExitCode}."),
        (Contained is null, "Nobody used the leaked key, so that nothing is shown."),
        (Contained > Bar, $"The leaked key was used for longer than {Bar.TotalSeconds:0} s."),
        (Versions > 0, $"{Versions} readable versions in the vault hold the leaked key."),
        (Rings > 0, $"{Rings} of {Edges} edges have it in their ring."),
        (!IsDeleted || Verdict != "key_invalid", $"Google {(IsDeleted ? "has deleted it" : "has not deleted it")} and answers {Verdict}."),
        (Load.Failed > 0, $"{Load.Failed} requests failed."),
    }.Where(fault => fault.IsSo).Select(fault => fault.Sentence);

    /// <summary>What it has shown if nothing does.</summary>
    public string Passed => string.Create(CultureInfo.InvariantCulture, $"nobody used the leaked key after {Contained!.Value.TotalSeconds:0.0} s, it is dead and in no ring, and no request failed.");

    public void WriteJson(Terminal terminal) => JsonReport.Write(terminal, json =>
    {
        json.WriteNumber("sent", Load.Sent);
        json.WriteNumber("answered", Load.Answered);
        json.WriteNumber("failed", Load.Failed);
        json.WriteNumber("failed_over", Load.FailedOver);
        json.WriteNumber("instances", Edges);
        json.WriteString("leaked_key_id", KeyId);
        if (Contained is { } contained)
        {
            json.WriteNumber("contained_s", Math.Round(contained.TotalSeconds, 2));
        }

        if (Said is { } said)
        {
            json.WriteNumber("contained_s_by_the_register", said);
        }

        json.WriteNumber("bar_s", Bar.TotalSeconds);
        json.WriteBoolean("holds_bar", HoldsBar);
        json.WriteNumber("readable_versions_with_it", Versions);
        json.WriteNumber("rings_with_it", Rings);
        json.WriteString("leaked_key_verdict", Verdict);
        json.WriteBoolean("deleted_at_google", IsDeleted);
        json.WriteNumber("exit_code", ExitCode);
        json.WriteBoolean("as_it_should", IsDone);
    });

    public void Print(Terminal terminal)
    {
        terminal.Print(string.Create(CultureInfo.InvariantCulture,
            $"{Load.Sent:N0} requests sent, {Load.Answered:N0} answered ({Load.FailedOver:N0} by another key than the first), {Load.Failed:N0} failed, over {Edges} edges"));
        terminal.Print(string.Create(CultureInfo.InvariantCulture,
            $"Time to contain …{KeyId}: {(Contained is { } contained ? string.Create(CultureInfo.InvariantCulture, $"{contained.TotalSeconds:0.0} s") : "nobody used it")} from the command's start to the last attempt that came to Gemini with it (bar {Bar.TotalSeconds:0} s: {(HoldsBar ? "held" : "missed")}); by the register {(Said is { } said ? string.Create(CultureInfo.InvariantCulture, $"{said:0.0} s") : "unknown")}"));
        terminal.Print($"It stands in {Versions} readable versions of the vault and in {Rings} of {Edges} rings; Google {(IsDeleted ? "has deleted it" : "still has it")}, and answers {Verdict}");
    }
}
