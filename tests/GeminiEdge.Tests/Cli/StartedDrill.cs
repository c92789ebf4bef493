namespace GeminiEdge.Tests.Cli;

/// <summary>`edgectl drill` as a user starts it who works with a real vault, and what it leaves behind.</summary>
internal sealed class StartedDrill : IDisposable
{
    private readonly DirectoryInfo _temp = Directory.CreateTempSubdirectory("drill-test-");

    private StartedDrill(string[] arguments) => Run = CliProcess.Start(
        new Dictionary<string, string>
        {
            ["TMPDIR"] = _temp.FullName,

            // The drill must not touch that vault, nor hand these to its edges.
            ["GEMINI_KEYVAULT_URI"] = "https://not-to-be-used.vault.azure.net/",
            ["GEMINI_BASE_URL"] = "http://not-loopback.example/",
            ["GeminiEdge__Selection"] = "Nonsense",
        },
        ["drill", .. arguments]);

    public CliProcess Run { get; }

    /// <summary>The edges that ran when it had just ended.</summary>
    public int EdgesLeft { get; private set; }

    public static StartedDrill Start(params string[] arguments) => new(arguments);

    public static async Task<StartedDrill> ToItsEndAsync(params string[] arguments)
    {
        var drill = Start(arguments);
        await drill.EndAsync();
        return drill;
    }

    public async Task EndAsync()
    {
        await Run.EndAsync(patience: TimeSpan.FromMinutes(5));
        EdgesLeft = Edges();
    }

    /// <summary>Its edges have inherited the folder's name, which no other process of this machine has.</summary>
    public int Edges() => Directory.EnumerateDirectories("/proc").Count(IsEdge);

    /// <summary>What stands in the folder for temporary files.</summary>
    public IEnumerable<FileSystemInfo> Files() => _temp.EnumerateFileSystemInfos("edgectl-drill-*");

    public void Dispose()
    {
        Run.Dispose();
        _temp.Delete(recursive: true);
    }

    private bool IsEdge(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains("GeminiEdge.Server", StringComparison.Ordinal)
                && File.ReadAllText(Path.Combine(process, "environ")).Contains(_temp.FullName, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended, or is no process at all.
            return false;
        }
    }
}
