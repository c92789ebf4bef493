namespace GeminiEdge.Tests.Cli;

/// <summary>`edgectl drill` as a user starts it who works with a real vault, and what it leaves behind.</summary>
internal sealed class StartedDrill(params string[] arguments) : IDisposable
{
    private readonly DirectoryInfo _temp = Directory.CreateTempSubdirectory("drill-test-");
    private CliProcess? _run;

    public CliProcess Run => _run!;

    /// <summary>The edges that ran when it had just ended.</summary>
    public int EdgesLeft { get; private set; }

    public StartedDrill Start()
    {
        _run = CliProcess.Start(
            new Dictionary<string, string>
            {
                ["TMPDIR"] = _temp.FullName,

                // Its load is most of what it does, for a minute: compiled well at once.
                ["DOTNET_TieredCompilation"] = "0",

                // The drill must not touch that vault, nor hand these to its edges.
                ["GEMINI_KEYVAULT_URI"] = "https://not-to-be-used.vault.azure.net/",
                ["GEMINI_BASE_URL"] = "http://not-loopback.example/",
                ["GeminiEdge__Selection"] = "Nonsense",
            },
            ["drill", .. arguments, "--json"]);
        return this;
    }

    public Task ToItsEndAsync() => Start().EndAsync();

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
        _run?.Dispose();
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
