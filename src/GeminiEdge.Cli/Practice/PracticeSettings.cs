using GeminiEdge.Cli.Drill;

namespace GeminiEdge.Cli.Practice;

/// <summary>What the second terminal needs, so that the operator's own commands work on the sandbox unchanged.</summary>
internal static class PracticeSettings
{
    /// <summary>Prints it as lines for a shell, and writes the same lines to a file.</summary>
    public static void Write(DrillBed bed, DrillGoogle google, TimeSpan refreshInterval, Terminal terminal)
    {
        var settings = bed.OperatorSettings(refreshInterval);

        // A drill tells probes from traffic by their model; here the edges' own is meant.
        settings.Remove("GEMINI_MODEL");
        foreach (var (name, value) in google.Settings)
        {
            settings[name] = value;
        }

        settings["GOOGLE_CLOUD_PROJECT"] = google.Project;
        settings["EDGE_KEY"] = bed.ClientKey;
        settings["EDGE_ADMIN_KEY"] = bed.AdminKey;
        foreach (var edge in bed.Edges)
        {
            settings[$"EDGE_{edge.Number}"] = edge.Url.GetLeftPart(UriPartial.Authority);
        }

        string[] lines = [.. settings.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => $"export {setting.Key}='{setting.Value}'")];
        var file = Path.Combine(bed.Folder, "env");
        File.WriteAllLines(file, lines);
        terminal.Say("");
        terminal.Say("In a second terminal, and in no other, because these settings lead to the simulators:");
        terminal.Say("");
        foreach (var line in lines)
        {
            terminal.Print($"  {line}");
        }

        terminal.Say("");
        terminal.Say("or all of them at once:");
        terminal.Say("");
        terminal.Print($"  . {file}");
        terminal.Say("");
        terminal.Say("Then try `edgectl keys`, `edgectl fleet --watch`, or a rotation: type `key` here for a new key, `edgectl set SECONDARY` and `edgectl promote` there.");
        terminal.Say($"The operators' page is {settings["EDGE_1"]}/api/status; its key is EDGE_ADMIN_KEY.");
    }
}
