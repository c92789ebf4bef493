using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

[assembly: AssemblyFixture(typeof(GeminiEdge.Tests.StaticMutants))]

namespace GeminiEdge.Tests;

/// <summary>
/// Stryker tries one mutant after another in the same process, where what is static was built once: a mutant in there would
/// never be seen, or would be seen in those after it. So when coverage is measured everything static is built first, and the
/// mutants that took part in that are written down. Each of them is tried in a process of its own: one that is asked for a
/// second run ends, and Stryker, which takes it for broken, begins another.
/// </summary>
public sealed class StaticMutants
{
    private static readonly string Known = Path.Combine(Path.GetTempPath(), "static-mutants");
    private static int? _last;
    private static bool _areKnown;

    public StaticMutants()
    {
        if (Environment.GetEnvironmentVariable("STRYKER_COVERAGE_FILE") is not null)
        {
            WriteDown();
        }
        else if (Environment.GetEnvironmentVariable("STRYKER_MUTANT_FILE") is { } file && BitConverter.ToInt32(File.ReadAllBytes(file)) is >= 0 and var mutant)
        {
            GoOnWith(mutant);
        }
    }

    private static void GoOnWith(int mutant)
    {
        var areStatic = File.ReadLines(Known).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToHashSet();
        if (_last is { } last && last != mutant && (areStatic.Contains(last) || areStatic.Contains(mutant)))
        {
            Process.GetCurrentProcess().Kill();
        }

        _last = mutant;
    }

    private static void WriteDown()
    {
        if (_areKnown)
        {
            return;
        }

        _areKnown = true;
        var types = Directory.EnumerateFiles(AppContext.BaseDirectory, "GeminiEdge*.dll").Select(Assembly.LoadFrom).SelectMany(assembly => assembly.GetTypes()).ToList();
        var covered = types.Where(type => type.Name == "MutantControl").ToList().ConvertAll(control =>
            control.GetField("_coveredMutants", BindingFlags.Static | BindingFlags.NonPublic)?.GetValue(null) as List<int>
            ?? throw new InvalidOperationException("Stryker keeps what is covered elsewhere now: without it its results are wrong."));
        foreach (var type in types.Where(type => type.TypeInitializer is not null && !type.ContainsGenericParameters && type.Assembly != typeof(StaticMutants).Assembly))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        using var lines = new StreamWriter(new FileStream(Known, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
        lines.Write(string.Concat(covered.SelectMany(list => list.ToArray()).Select(mutant => mutant.ToString(CultureInfo.InvariantCulture) + "\n")));
    }
}
