using Mono.Cecil;

namespace GeminiEdge.Weaver;

/// <summary>The methods of the scheduler that woven code calls, as the module that is woven refers to them.</summary>
internal sealed class PointMethods
{
    private const string Scheduler = "GeminiEdge.Interleavings";

    private readonly ModuleDefinition _module;
    private readonly TypeReference _points;

    public PointMethods(ModuleDefinition module)
    {
        var assembly = new AssemblyNameReference(Scheduler, new Version(0, 0, 0, 0));
        module.AssemblyReferences.Add(assembly);
        (_module, _points) = (module, new TypeReference($"{Scheduler}.Scheduling", "Points", module, assembly));
        At = new MethodReference("At", module.TypeSystem.Void, _points) { Parameters = { new(module.TypeSystem.String) } };
    }

    /// <summary>Another thread may go on here.</summary>
    public MethodReference At { get; }

    /// <summary>What the scheduler does in place of a method; null where that is nothing.</summary>
    public MethodReference? InPlaceOf(MethodReference method) => (method.DeclaringType.GetElementType().FullName, method.Name, method.Parameters.Count) switch
    {
        ("System.Threading.Lock" or "System.Threading.Tasks.TaskCompletionSource", ".ctor", 0) => null,
        ("System.Threading.Lock", "EnterScope", 0) => Static(method, "Enter", method.DeclaringType),
        ("System.Threading.Lock/Scope", "Dispose", 0) => Static(method, "Exit", new ByReferenceType(method.DeclaringType)),
        ("System.Threading.Monitor", "Enter", 2) => Static(method, "Enter"),
        ("System.Threading.Monitor", "Exit", 1) => Static(method, "Exit"),
        ("System.Threading.Tasks.Task", "Run", 1) => Static(method, "Run"),
        ("System.Threading.Tasks.Task", "ConfigureAwait", 1) => Static(method, "ConfigureAwait", method.DeclaringType),

        ("System.Threading.Tasks.TaskCompletionSource", ".ctor", 1) => Static(method, "NewSource", result: method.DeclaringType),
        ("System.Threading.Tasks.TaskCompletionSource", "SetResult" or "TrySetResult", 0) => Static(method, method.Name, method.DeclaringType),
        ("System.Threading.CancellationTokenSource", "Cancel", 0) => Static(method, "Cancel", method.DeclaringType),

        // What would lock by itself, but isn't known here, must not pass unseen.
        ("System.Threading.Lock" or "System.Threading.Monitor" or "System.Threading.ThreadPool" or "System.Threading.Thread", _, _) or ("System.Threading.Tasks.Task", "Run", _)
            or ("System.Threading.Tasks.TaskCompletionSource" or "System.Threading.Tasks.TaskCompletionSource`1", ".ctor" or "SetResult" or "TrySetResult", _) =>
            throw new NotSupportedException($"The scheduler knows nothing of {method.FullName}."),
        _ => null,
    };

    private MethodReference Static(MethodReference method, string name, TypeReference? instance = null, TypeReference? result = null)
    {
        var element = method.GetElementMethod();
        var own = new MethodReference(name, result ?? element.ReturnType, _points);
        foreach (var parameter in element.GenericParameters)
        {
            own.GenericParameters.Add(new GenericParameter(parameter.Name, own));
        }

        if (instance is not null)
        {
            own.Parameters.Add(new ParameterDefinition(instance));
        }

        foreach (var parameter in element.Parameters)
        {
            own.Parameters.Add(new ParameterDefinition(parameter.ParameterType));
        }

        if (method is not GenericInstanceMethod generic)
        {
            return _module.ImportReference(own);
        }

        var made = new GenericInstanceMethod(own);
        foreach (var argument in generic.GenericArguments)
        {
            made.GenericArguments.Add(argument);
        }

        return made;
    }
}
