using GeminiEdge.Weaver;

// Writes a copy of each assembly into a folder, in which threads can be stopped between any two looks at what they share.
// The folder also holds what the assemblies refer to.
if (args is not [var folder, .. var assemblies] || assemblies.Length == 0)
{
    Console.Error.WriteLine("usage: GeminiEdge.Weaver FOLDER ASSEMBLY...");
    return 64;
}

foreach (var assembly in assemblies)
{
    Console.WriteLine($"{Path.GetFileName(assembly)}: {AssemblyWeaver.Weave(assembly, folder)} points");
}

return 0;
