using GeminiEdge.Cli;
using GeminiEdge.Cli.Fleet;
using GeminiEdge.Fleet;
using GeminiEdge.Tests.Fleet;

namespace GeminiEdge.Tests.Cli;

/// <summary>What `edgectl fleet` looks like in a terminal of 80 columns.</summary>
public class FleetTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void KeysInTrouble_AreAllNamed_InLinesThatFit()
    {
        var text = Shown(
            FleetRows.Row("well", "ring", Now.AddSeconds(-3), FleetRows.Key("PRIMARY", "000a")),
            FleetRows.Row("told", "ring", Now.AddSeconds(-3),
                FleetRows.Key("PRIMARY", "000a").Rejected() with { Verdict = "key_invalid" }, FleetRows.Key("SECONDARY", "000b") with { State = "cooling_down", Verdict = "billing_exhausted" }));

        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("PRIMARY …000a rejected (key_invalid), SECONDARY …000b cooling down (billing_exhausted)", string.Join(' ', KeysColumn(text)), StringComparison.Ordinal);
    }

    [Fact]
    public void KeysColumn_SaysByItsToneWhatItSaysInWords()
    {
        FleetRow[] rows =
        [
            FleetRows.Row("1", "ring", Now, FleetRows.Key("PRIMARY", "000a")),
            FleetRows.Row("2", "ring", Now, FleetRows.Key("PRIMARY", "000a") with { State = "unknown" }),
            FleetRows.Row("3", "ring", Now, FleetRows.Key("PRIMARY", "000a") with { State = "cooling_down" }),
            FleetRows.Row("4", "ring", Now, FleetRows.Key("PRIMARY", "000a").Rejected()),
        ];
        var keys = Array.IndexOf(FleetReport.Columns, "KEYS");

        var cells = FleetReport.Rows(FleetView.Of(rows, "ring", Now), Now).Select(row => row[keys]);

        Assert.Equal(
            ["healthy Good", "not used yet Plain", "PRIMARY …000a cooling down Doubtful", "PRIMARY …000a rejected Bad"],
            cells.Select(cell => $"{cell.Text} {cell.Tone}"));
    }

    private static string Shown(params FleetRow[] rows)
    {
        using var text = new StringWriter();
        using var world = new CliWorld(new Dictionary<string, string> { ["NO_COLOR"] = "1" }, TimeProvider.System);
        var output = new StandardOutput(IsRedirected: false, text, () => Stream.Null);
        var terminal = new Terminal(world.Create(new StandardInput(true, () => Stream.Null, () => null), output, output));
        terminal.Print(FleetReport.Columns, FleetReport.Rows(FleetView.Of(rows, "ring", Now), Now), FleetReport.Lesser);
        return text.ToString();
    }

    /// <summary>What the lines hold from where the column begins.</summary>
    private static IEnumerable<string> KeysColumn(string text)
    {
        var lines = text.Split('\n');
        var at = lines[0].IndexOf("KEYS", StringComparison.Ordinal);
        return lines.Skip(1).Where(line => line.Length > at).Select(line => line[at..].Trim());
    }
}
