using System.Text;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli.Leak;

/// <summary>
/// What `git filter-repo` needs to take the key out of a history: a file that only its owner reads, and that is gone
/// with this object. The commands name the file, never the key.
/// </summary>
internal sealed class HistoryRewrite : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgectl-leak-");

    private HistoryRewrite() => File = Path.Combine(_folder.FullName, "replacements.txt");

    /// <summary>`git filter-repo` takes the remote away, so that nobody pushes by accident.</summary>
    public const string Push = "git remote add origin URL && git push --force --all origin && git push --force --tags origin";

    public string File { get; }

    /// <summary>What a person does, in order.</summary>
    public IEnumerable<string> Commands =>
    [
        $"In a fresh clone of each repository that held the key: git filter-repo --replace-text '{File}'",
        $"Then: {Push}",
        "Then everybody clones again. The host's support removes cached views.",
    ];

    public static HistoryRewrite Write(ApiKey key)
    {
        var rewrite = new HistoryRewrite();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using var file = new FileStream(rewrite.File, options);
            file.Write(Encoding.UTF8.GetBytes($"literal:{key.Reveal()}==>REMOVED-GEMINI-API-KEY\n"));
            return rewrite;
        }
        catch (Exception)
        {
            rewrite.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody else has removed it.
        }
    }
}
