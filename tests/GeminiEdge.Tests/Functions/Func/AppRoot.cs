namespace GeminiEdge.Tests.Functions.Func;

/// <summary>How func finds folders (ScriptHostHelpers and ProjectHelpers in Azure/azure-functions-core-tools).</summary>
internal static class AppRoot
{
    /// <summary>The nearest folder at or above this one that holds any of the files.</summary>
    public static string Find(string folder, params string[] files)
    {
        for (var candidate = new DirectoryInfo(folder); candidate is not null; candidate = candidate.Parent)
        {
            if (files.Any(file => File.Exists(Path.Combine(candidate.FullName, file))))
            {
                return candidate.FullName;
            }
        }

        throw new FuncException($"Unable to find project root. Expecting to find one of {string.Join(", ", files)} in project root.");
    }

    /// <summary>The project at or above an app's root, which the .NET version is read from; null: none.</summary>
    public static string? FindProject(string root)
    {
        for (var candidate = new DirectoryInfo(root); candidate is not null; candidate = candidate.Parent)
        {
            if (Projects(candidate.FullName) is [var project, ..])
            {
                return project;
            }
        }

        return null;
    }

    public static IReadOnlyList<string> Projects(string folder) =>
        [.. Directory.GetFiles(folder, "*.csproj"), .. Directory.GetFiles(folder, "*.fsproj")];
}
