using System.Diagnostics;
using System.Globalization;
using System.Reflection;

[assembly: AssemblyFixture(typeof(GeminiEdge.Tests.StaticMutants))]

namespace GeminiEdge.Tests;

/// <summary>
/// Stryker tries one mutant after another in the same process, where what is static was built once: a mutant in there would
/// never be seen, or would be seen in those after it. So while coverage is measured the mutants that take part in building
/// what is static are written down, and each of them is tried in a process of its own: one that is asked for a second run
/// ends, and Stryker, which takes it for broken, begins another.
/// </summary>
public sealed class StaticMutants : IDisposable
{
    private static readonly string Known = Path.Combine(Path.GetTempPath(), "static-mutants");
    private static readonly bool MeasuresCoverage = Environment.GetEnvironmentVariable("STRYKER_COVERAGE_FILE") is not null;
    private static int? _last;

    public StaticMutants()
    {
        if (MeasuresCoverage || Environment.GetEnvironmentVariable("STRYKER_MUTANT_FILE") is not { } file)
        {
            return;
        }

        var mutant = BitConverter.ToInt32(File.ReadAllBytes(file));
        var isStatic = File.Exists(Known) ? File.ReadLines(Known).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToHashSet() : [];
        if (_last is { } last && last != mutant && (isStatic.Contains(last) || isStatic.Contains(mutant)))
        {
            Process.GetCurrentProcess().Kill();
        }

        _last = mutant;
    }

    public void Dispose()
    {
        if (!MeasuresCoverage)
        {
            return;
        }

        var lists = AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => assembly.GetName().Name?.StartsWith("GeminiEdge", StringComparison.Ordinal) == true)
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Name == "MutantControl")
            .Select(type => type.GetField("_coveredStaticMutants", BindingFlags.Static | BindingFlags.NonPublic)?.GetValue(null) as IEnumerable<int>
                ?? throw new InvalidOperationException("Stryker keeps the static mutants elsewhere now: without them its results are wrong."));
        var found = lists.SelectMany(list => list.ToArray()).Select(mutant => mutant.ToString(CultureInfo.InvariantCulture)).ToList();
        if (found.Count > 0)
        {
            using var lines = new FileStream(Known, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            lines.Write(System.Text.Encoding.ASCII.GetBytes(string.Join('\n', found) + "\n"));
        }
    }
}
