using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace GeminiEdge.Weaver;

/// <summary>Finds the methods of an assembly that touch what threads share, and has each woven.</summary>
internal static class AssemblyWeaver
{
    // What a request alone has is no matter for two threads, and each point makes schedules longer.
    private static readonly string[] Namespaces = ["GeminiEdge.Failover.Keys", "GeminiEdge.Failover.Overload", "GeminiEdge.Fleet"];
    private static readonly string[] OneThreadsOwn = ["Known", "Spelling", "PastedKey", "Placeholder"];
    private static readonly string[] Forwarding = ["Forwarder", "Journey", "Attempt", "KeyProjects", "WaitingRoom"];

    /// <returns>How many points were put in.</returns>
    public static int Weave(string path, string folder)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(folder);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        using var assembly = AssemblyDefinition.ReadAssembly(path, new ReaderParameters { AssemblyResolver = resolver, ReadSymbols = true });
        var module = assembly.MainModule;
        var points = new PointMethods(module);
        var count = 0;
        foreach (var type in module.GetTypes().Where(IsShared))
        {
            foreach (var method in type.Methods.Where(method => method.HasBody && !IsMadeByCompiler(method)))
            {
                method.Body.SimplifyMacros();
                count += new MethodWeaver(method.Body, points).Weave();
                method.Body.OptimizeMacros();
            }
        }

        assembly.Write(Path.Combine(folder, Path.GetFileName(path)), new WriterParameters { WriteSymbols = true });
        return count;
    }

    private static bool IsShared(TypeDefinition type)
    {
        while (type.DeclaringType is { } outer && !OneThreadsOwn.Contains(type.Name))
        {
            type = outer;
        }

        return !OneThreadsOwn.Contains(type.Name) && (Namespaces.Contains(type.Namespace) || (type.Namespace == "GeminiEdge.Failover.Forwarding" && Forwarding.Contains(type.Name)));
    }

    // Nobody shares yet what is being made; and what a record compares or copies of itself never changes.
    private static bool IsMadeByCompiler(MethodDefinition method) =>
        method.IsConstructor || method.ReturnType is RequiredModifierType || method.Name is "Equals" or "GetHashCode" or "PrintMembers" or "<Clone>$" or "SetStateMachine";
}
