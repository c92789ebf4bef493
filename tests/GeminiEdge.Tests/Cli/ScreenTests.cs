using System.Text.RegularExpressions;
using GeminiEdge.Cli;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.TableStorage;
using GeminiEdge.Tests.Fleet;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli;

/// <summary>No line of any command is wider than its terminal, and none is broken inside a word.</summary>
public partial class ScreenTests
{
    // As Azure names them.
    private static readonly string[] Instances = [$"{new string('a', 52)}6c182d9dca8f", $"{new string('b', 52)}b1f96215e774", $"{new string('c', 52)}d7c3e737495c"];

    private static readonly int[] Widths = [80, 100, 120, 160];

    private static readonly string[] Reading =
    [
        "keys", "keys --check", "probe", "fleet", "fleet --check", "confirm --timeout 0s", "confirm --timeout 3s", "promote --dry-run", "leak --dry-run", "purge --dry-run", "watch",
        "rollback --dry-run", "retire abcd --by-hand",
    ];

    private static readonly string[] Rotating = ["promote", "", "promote", "leak --by-hand --no-new-key"];

    private static readonly Lazy<Task<string>> RotatedOnAnEndlessLine = new(() => RotateAsync(Screen.Endless));

    private static readonly Lazy<Task<string>> IssuedOnAnEndlessLine = new(() => IssueAsync(Screen.Endless));

    public static TheoryData<int, bool> Screens()
    {
        var screens = new TheoryData<int, bool>();
        foreach (var width in Widths)
        {
            screens.Add(width, false);
            screens.Add(width, true);
        }

        return screens;
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Help_OfEachCommand_Fits(int width, bool showsColours)
    {
        foreach (var command in await CommandsAsync())
        {
            string[] arguments = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"];

            var (shown, endless) = (await RunAsync(new(width, showsColours), arguments), await RunAsync(Screen.Endless, arguments));

            ScreenText.AssertFits(width, shown.Output, endless.Output);
            Assert.Equal(ScreenText.OneLine(endless.Output), ScreenText.OneLine(shown.Output));
            Assert.Equal(showsColours, shown.Output.Contains('\u001b', StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Usage_IsWrong_Fits(int width, bool showsColours)
    {
        foreach (var arguments in new string[][] { [], ["promot"], ["keys", "--vault", "x"], ["set", "SECONDARY", "AIzaSyD-0nTheC0mmandLine_xyzQWERTY123"] })
        {
            var (shown, endless) = (await RunAsync(new(width, showsColours), arguments), await RunAsync(Screen.Endless, arguments));

            ScreenText.AssertFits(width, shown.Errors, endless.Errors);
        }
    }

    [Fact]
    public async Task Command_ThatReads_FitsOnEveryScreen()
    {
        await using var bed = await CliBed.StartAsync();
        await using var tables = await TableSandbox.StartAsync(bed.Vault.Certificate, time: bed.Time);
        bed.Environment["GEMINI_EDGE_FLEET"] = tables.Endpoint.AbsoluteUri;
        using var writer = new RegisterWriter(tables, bed);
        var primary = bed.Put(KeySlot.Primary).Value[^4..];
        bed.Put(KeySlot.Secondary, SandboxKeyState.QuotaMinute);
        bed.Vault.Set(KeySlot.Slot3.Secret(), "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/k)");
        bed.Put(KeySlot.Slot4, expires: bed.Time.GetUtcNow().AddDays(-1));
        bed.Put(KeySlot.Old, SandboxKeyState.Invalid, expires: bed.Time.GetUtcNow().AddHours(-1));
        foreach (var screen in Widths.SelectMany(width => new[] { new Screen(width, false), new Screen(width, true) }))
        {
            foreach (var command in Reading)
            {
                await WriteAsync(writer, bed, primary);
                var endless = await bed.EndAsync(bed.Start(Screen.Endless, command.Split(' ')));
                await WriteAsync(writer, bed, primary);

                var shown = await bed.EndAsync(bed.Start(screen, command.Split(' ')));

                Assert.Equal(endless.ExitCode, shown.ExitCode);
                ScreenText.AssertFits(screen.Width, shown.Output, endless.Output);
                ScreenText.AssertFits(screen.Width, shown.Errors, endless.Errors);
            }
        }
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public async Task Fleet_Watched_Fits(int width)
    {
        await using var bed = await CliBed.StartAsync();
        await using var tables = await TableSandbox.StartAsync(bed.Vault.Certificate, time: bed.Time);
        bed.Environment["GEMINI_EDGE_FLEET"] = tables.Endpoint.AbsoluteUri;
        using var writer = new RegisterWriter(tables, bed);
        await WriteAsync(writer, bed, bed.Put(KeySlot.Primary).Value[^4..]);
        bed.Time.TakesItsTime = true;
        var endless = await bed.EndAsync(bed.Start(Screen.Endless, "fleet"));

        var watched = bed.Start(new Screen(width, ShowsColours: true), "fleet", "--watch");
        await Eventually.IsAsync(() => watched.Output.Contains("not converged", StringComparison.OrdinalIgnoreCase));
        watched.Interrupt();
        await bed.EndAsync(watched);

        ScreenText.AssertFits(width, watched.Output, endless.Output);
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Command_ThatRotates_Fits(int width, bool showsColours)
    {
        var shown = await RotateAsync(new(width, showsColours));

        ScreenText.AssertFits(width, shown, await RotatedOnAnEndlessLine.Value);
        Assert.Contains("most likely it is mistyped", ScreenText.OneLine(shown), StringComparison.Ordinal);
        Assert.Contains(ScreenText.Lines(shown), line => line.StartsWith("A new key may take a minute: asking again, 57 s left; Ctrl-C stops", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Issue_Fits(int width, bool showsColours)
    {
        var shown = await IssueAsync(new(width, showsColours));

        ScreenText.AssertFits(width, shown, await IssuedOnAnEndlessLine.Value);
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public void Evidence_OfADrill_Fits(int width, bool showsColours)
    {
        var (shown, endless) = (Print(new(width, showsColours)), Print(Screen.Endless));

        ScreenText.AssertFits(width, shown, endless);
        Assert.All(["EDGE 4", "ALL", "BAR", "held", "MISSED", "PASS: ", "FAIL: "], word => Assert.Contains(ScreenText.Lines(shown), line => line.Contains(word, StringComparison.Ordinal)));
        Assert.Equal(showsColours, shown.Contains('\u001b', StringComparison.Ordinal));

        static string Print(Screen screen)
        {
            using var text = new StringWriter();
            DrillSamples.Print(TerminalOn(screen, text));
            return text.ToString();
        }
    }

    [Theory]
    [InlineData(80, "[01:02]   A key that leaked, and what was done with it in the first sixty minutes of its life as a leak.", 10)]
    [InlineData(80, "Warning: A key that leaked, and what was done with it in the first sixty minutes of its life as a leak.", 9)]
    [InlineData(80, "  12.3 s    A key that leaked, and what was done with it in the first sixty minutes of its life as a leak.", 12)]
    [InlineData(80, "A key that leaked, and what was done with it in the first sixty minutes of its life as a leak, as told.", 2)]
    public void Line_ThatIsTooLong_HangsUnderItsWords(int width, string line, int hang)
    {
        var lines = TextLayout.Wrap(line, width).ToList();

        Assert.True(lines.Count > 1);
        Assert.All(lines.Skip(1), next => Assert.Equal(hang, next.TakeWhile(c => c == ' ').Count()));
        Assert.All(lines, next => Assert.InRange(next.Length, 1, width));
        Assert.Equal(ScreenText.OneLine(line), ScreenText.OneLine(string.Join('\n', lines)));
    }

    [Fact]
    public async Task Option_WhoseExplanationIsTooLong_HangsUnderIt()
    {
        var run = await RunAsync(new(80, ShowsColours: false), ["set", "--help"]);

        var options = run.Output.Split("Options:\n")[1].Split("\n\n")[0].Split('\n');
        var column = options.Single(line => line.StartsWith("  --json", StringComparison.Ordinal)).IndexOf("Print", StringComparison.Ordinal);
        Assert.All(options.Where(line => line.StartsWith("    ", StringComparison.Ordinal)), line => Assert.Equal(column, line.TakeWhile(c => c == ' ').Count()));
        Assert.Contains(options, line => line.StartsWith("    ", StringComparison.Ordinal));
    }

    [Fact]
    public void Word_ThatIsWiderThanTheTerminal_HasALineOfItsOwn() =>
        Assert.Equal(["Delete it at", new string('x', 50), "  or leave it."], TextLayout.Wrap($"Delete it at {new string('x', 50)} or leave it.", 40));

    [Fact]
    public void StatusLine_IsWrittenAnewInItsPlaceAndLeavesNothing()
    {
        using var text = new StringWriter();
        var terminal = TerminalOn(new(80, ShowsColours: false), text);
        var count = 0;
        using (terminal.Show(() => $"{++count} requests sent", TimeSpan.FromHours(1)))
        {
            Assert.Equal("1 requests sent", ScreenText.Shown(text.ToString()));
            terminal.Say("promote");
            Assert.Equal("promote\n2 requests sent", ScreenText.Shown(text.ToString()));
            terminal.Moment!("3 s left");
            Assert.Equal("promote\n3 s left", ScreenText.Shown(text.ToString()));
            terminal.Moment!(null);
        }

        Assert.Equal("promote\n", ScreenText.Shown(text.ToString()));
    }

    [Fact]
    public void StatusLine_OfAFile_IsNotWritten()
    {
        using var text = new StringWriter();
        using var world = new CliWorld(new Dictionary<string, string>(), TimeProvider.System);
        var output = new StandardOutput(IsRedirected: true, text, () => Stream.Null);
        var terminal = new Terminal(world.Create(new StandardInput(true, () => Stream.Null, () => null), output, output));
        using (terminal.Show(() => "1 request sent", TimeSpan.FromHours(1)))
        {
            terminal.Say("promote");
        }

        Assert.Null(terminal.Moment);
        Assert.Equal("promote\n", text.ToString());
    }

    private static async Task<string> RotateAsync(Screen screen)
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var said = new List<string>();
        foreach (var command in Rotating)
        {
            if (command.Length == 0)
            {
                bed.Put(KeySlot.Secondary);
                continue;
            }

            var run = await bed.EndAsync(bed.Start(screen, command.Split(' ')), "\n\n");
            said.Add($"{run.Output}\n{run.Errors}");
        }

        var mistyped = await bed.EndAsync(bed.Start(screen with { IsTyped = false }, "set", "SECONDARY"), bed.AddKey(SandboxKeyState.NotFound).Value);
        said.Add($"{mistyped.Output}\n{mistyped.Errors}");

        return string.Join('\n', said);
    }

    private static async Task<string> IssueAsync(Screen screen)
    {
        await using var bed = await GoogleBed.StartAsync(unknownFor: TimeSpan.FromSeconds(9));
        bed.Cli.Put(KeySlot.Secondary);
        var run = await bed.Cli.EndAsync(bed.Cli.Start(screen, "issue", "--project", GoogleBed.Project));
        run.AssertEnded(0);
        return $"{run.Output}\n{run.Errors}";
    }

    private static Terminal TerminalOn(Screen screen, TextWriter text)
    {
        using var world = new CliWorld(new Dictionary<string, string>(), TimeProvider.System);
        var output = new StandardOutput(IsRedirected: false, text, () => Stream.Null) { Width = screen.Width, ShowsColours = screen.ShowsColours };
        return new Terminal(world.Create(new StandardInput(true, () => Stream.Null, () => null), output, output));
    }

    private static async Task WriteAsync(RegisterWriter writer, CliBed bed, string primary)
    {
        var now = bed.Time.GetUtcNow();
        var minute = KeyTotals.MinuteOf(now);
        var key = FleetRows.Key("PRIMARY", primary, new AttemptMinute(minute, 123_456, 12, 5, 7, 3, 1));
        await writer.WriteAsync(FleetRows.Row(Instances[0], "old", now, key.Rejected() with { Verdict = "key_invalid" }, FleetRows.Key("SECONDARY", "000b") with { State = "cooling_down", Verdict = "billing_exhausted" }));
        await writer.WriteAsync(FleetRows.Row(Instances[1], "old", now, key));
        await writer.WriteAsync(FleetRows.Row(Instances[2], "old", now.AddMinutes(-5), key));
    }

    private static async Task<IReadOnlyList<string>> CommandsAsync()
    {
        var run = await RunAsync(Screen.Endless, []);
        return ["", .. Commands().Match(run.Errors).Groups[1].Value.Split(", ")];
    }

    private static async Task<CliRun> RunAsync(Screen screen, string[] arguments)
    {
        using var world = new CliWorld(new Dictionary<string, string>(), TimeProvider.System);
        var run = CliCall.Start(world.Create, screen, arguments);
        await run.EndAsync();
        return run;
    }

    [GeneratedRegex(@"Commands: ([a-z, -]+)\.")]
    private static partial Regex Commands();
}
