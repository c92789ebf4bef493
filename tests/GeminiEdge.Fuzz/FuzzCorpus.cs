namespace GeminiEdge.Fuzz;

/// <summary>The inputs that are kept: what each reader meets in the world, and each one that something was wrong with.</summary>
internal static class FuzzCorpus
{
    /// <summary>Beside the program, one folder for each target.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Corpus");
}
