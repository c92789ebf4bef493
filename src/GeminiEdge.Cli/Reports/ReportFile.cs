using System.Text;

namespace GeminiEdge.Cli.Reports;

/// <summary>FILE.md and FILE.json: taken before anything is begun, written at the end, gone again when nothing was written.</summary>
internal sealed class ReportFile : IDisposable
{
    private readonly FileStream _markdown;
    private readonly FileStream _json;
    private bool _written;

    private ReportFile(FileStream markdown, FileStream json) => (_markdown, _json) = (markdown, json);

    /// <returns>The two files, or why there are none: an earlier record is never overwritten.</returns>
    public static (ReportFile? File, string? Problem) Take(string path)
    {
        FileStream? markdown = null;
        try
        {
            markdown = Create($"{path}.md");
            return (new ReportFile(markdown, Create($"{path}.json")), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            if (markdown is not null)
            {
                markdown.Dispose();
                File.Delete(markdown.Name);
            }

            return (null, "The option --report names a file that can be made: FILE.md and FILE.json must not exist yet, and their folder must.");
        }
    }

    public void Write(RotationEvidence evidence)
    {
        _json.Write(RecordJson.Of(evidence));
        _markdown.Write(Encoding.UTF8.GetBytes(RecordMarkdown.Of(evidence)));
        _written = true;
    }

    public void Dispose()
    {
        foreach (var file in new[] { _markdown, _json })
        {
            file.Dispose();
            if (!_written)
            {
                File.Delete(file.Name);
            }
        }
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
