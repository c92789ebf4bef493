namespace GeminiEdge.Tests.Functions;

/// <summary>The checkout the tests were built from: the folder above them that holds the solution.</summary>
internal static class Repository
{
    private static readonly DirectoryInfo Root = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root.FullName, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    private static DirectoryInfo FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GeminiEdge.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds GeminiEdge.sln.");
    }
}
