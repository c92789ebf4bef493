namespace GeminiEdge.Tests.Functions.Func;

/// <summary>What func zips of a folder (FileSystemHelpers.GetLocalFiles and ZipHelper), and the .NET version that it tells Azure.</summary>
internal sealed class FuncPackage(string root, string version, FuncIgnore? ignored)
{
    private static readonly string[] IgnoredFolders = [".git", ".vscode"];
    private static readonly string[] IgnoredFiles = [".funcignore", ".gitignore", "local.settings.json", "project.lock.json"];

    public string Root => root;

    public string Version => version;

    public IReadOnlyList<string> Files { get; } = [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
        .Where(file => !file.Split('/')[..^1].Intersect(IgnoredFolders).Any() && !IgnoredFiles.Contains(Path.GetFileName(file)))
        .Where(file => ignored?.Accepts(file) ?? true)
        .Order(StringComparer.Ordinal)];
}
