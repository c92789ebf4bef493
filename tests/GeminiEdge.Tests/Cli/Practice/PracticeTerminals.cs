using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli.Practice;

/// <summary>The two terminals of a practice, of the same width.</summary>
internal sealed class PracticeTerminals : IAsyncDisposable
{
    /// <summary>A rotation waits for its lock, and for the edges.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    private PracticeTerminals(TmuxTerminal sandbox, TmuxTerminal @operator) => (Sandbox, Operator) = (sandbox, @operator);

    public TmuxTerminal Sandbox { get; }

    public TmuxTerminal Operator { get; }

    /// <summary>Starts the sandbox in the first, and gives its settings to the second.</summary>
    public static async Task<PracticeTerminals> OpenAsync(int columns)
    {
        var path = Path.GetDirectoryName(CliProcess.Executable)!;
        var practice = new PracticeTerminals(await TmuxTerminal.OpenAsync(columns, path), await TmuxTerminal.OpenAsync(columns, "/nothing"));
        await practice.Sandbox.TypeAsync("edgectl sandbox");
        var screen = await practice.Sandbox.SeesAsync("Type a command here", Long);
        await practice.Operator.TypeAsync(screen.Single(line => line.StartsWith("  . ", StringComparison.Ordinal)).Trim());
        await practice.Sandbox.SeesAsync("edge 2 answers with PRIMARY");
        return practice;
    }

    /// <summary>Types into the first terminal what happens to the keys; what it said before is gone.</summary>
    public async Task TypeToSandboxAsync(string line)
    {
        await Sandbox.ClearAsync();
        await Sandbox.TypeAsync(line);
    }

    /// <summary>Runs an operator's command to its end.</summary>
    public async Task RunAsync(string command, string expected)
    {
        await Operator.TypeAsync($"{command}; echo ended $?");
        var screen = await Operator.SeesAsync("ended 0", Long);
        Assert.Contains(expected, string.Join(' ', screen.Select(line => line.Trim())), StringComparison.Ordinal);
        await AllFitsAsync();
        await Operator.ClearAsync();
    }

    /// <summary>Asks the sandbox for a new key and pastes it into `edgectl set`.</summary>
    public async Task StoreNewKeyAsync()
    {
        await TypeToSandboxAsync("key");
        var screen = await Sandbox.SeesAsync("A new key.");
        await Operator.TypeAsync("edgectl set SECONDARY; echo ended $?");
        await Operator.SeesAsync("The new key of SECONDARY");
        var key = screen.Last(line => line.StartsWith("AIza", StringComparison.Ordinal));
        await Operator.TypeAsync(key);
        var said = await Operator.SeesAsync("ended 0");
        Assert.DoesNotContain(said, line => line.Contains(key, StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("is stored", StringComparison.Ordinal));
        await Operator.ClearAsync();
    }

    /// <summary>No line was wider than its terminal.</summary>
    public async Task AllFitsAsync()
    {
        foreach (var terminal in new[] { Sandbox, Operator })
        {
            Assert.All(await terminal.ScreenAsync(), line => Assert.InRange(line.Length, 0, terminal.Columns));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Operator.DisposeAsync();
        await Sandbox.DisposeAsync();
    }
}
