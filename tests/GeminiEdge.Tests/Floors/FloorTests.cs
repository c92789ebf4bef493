using System.Text.RegularExpressions;
using System.Xml.Linq;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Floors;

/// <summary>References go down only, and between the folders of a project there is no circle.</summary>
public sealed partial class FloorTests
{
    // Each project may use what stands before it, and of its own floor nothing.
    private static readonly string[][] Floors =
    [
        ["GeminiEdge.Failover", "GeminiEdge.Sandbox"],
        ["GeminiEdge.Fleet"],
        ["GeminiEdge", "GeminiEdge.Rotation"],
        ["GeminiEdge.Export"],
        ["GeminiEdge.Functions", "GeminiEdge.Server"],
        ["GeminiEdge.Cli"],
    ];

    public static TheoryData<string> Projects => [.. Floors.SelectMany(floor => floor)];

    [Fact]
    public void Projects_AllHaveAFloor() =>
        Assert.Equal(Directory.GetDirectories(Repository.PathOf("src")).Select(Path.GetFileName).Order(StringComparer.Ordinal), Floors.SelectMany(floor => floor).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_GoDownOnly(string project)
    {
        var floor = Array.FindIndex(Floors, floor => floor.Contains(project));
        var below = Floors[..floor].SelectMany(projects => projects);

        Assert.Empty(References(project).Except(below));
    }

    // The simulators know nothing of the product, and nothing that runs in Azure knows them.
    [Fact]
    public void Sandbox_IsKnownToLocalRunsAlone() => Assert.Equal(
        ["GeminiEdge.Cli", "GeminiEdge.Server"], Floors.SelectMany(floor => floor).Where(project => References(project).Contains("GeminiEdge.Sandbox")).Order(StringComparer.Ordinal));

    [Fact]
    public void Failover_NeedsNoAspNetCore()
    {
        Assert.DoesNotContain(typeof(GeminiEdge.Failover.GeminiFailoverHandler).Assembly.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.DoesNotContain(typeof(GeminiEdge.Fleet.FleetRow).Assembly.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.DoesNotContain(Read("GeminiEdge.Failover"), file => file.Text.Contains("System.Reflection", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_HaveNoCircle(string project)
    {
        var uses = Uses(project, Read(project));

        Assert.Equal("", Circle(uses));
    }

    [Fact]
    public void Folders_WithACircle_AreNamed()
    {
        var uses = Uses("P",
        [
            new("A", "using P.B;\nnamespace P.A;\nclass InA;"),
            new("B", "using P.C;\nnamespace P.B;\nclass InB;"),
            new("C", "namespace P.C;\nclass InC { A.InA? a; }"),
            new("D", "using P.A;\nnamespace P.D;\nclass InD;"),
        ]);

        Assert.Equal("A → B → C → A", Circle(uses));
    }

    // What stands at a project's root is seen from every folder without a using, so it is looked for by name.
    [Fact]
    public void Folder_ThatUsesWhatUsesIt_IsACircleThroughTheRoot()
    {
        var uses = Uses("P", [new("", "using P.A;\nnamespace P;\nclass Root { InA? a; }"), new("A", "namespace P.A;\nclass InA { Root? root; }")]);

        Assert.Equal("(root) → A → (root)", Circle(uses));
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(Repository.PathOf("src", project, $"{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => (string?)reference.Attribute("Include")).OfType<string>().Select(path => Path.GetFileNameWithoutExtension(path));

    private static IReadOnlyList<Source> Read(string project)
    {
        var root = Repository.PathOf("src", project);
        return
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(file => (Path: Path.GetRelativePath(root, file), File: file))
                .Where(file => !file.Path.StartsWith("bin", StringComparison.Ordinal) && !file.Path.StartsWith("obj", StringComparison.Ordinal))
                .Select(file => new Source(Path.GetDirectoryName(file.Path)!.Split(Path.DirectorySeparatorChar)[0], Words().Replace(File.ReadAllText(file.File), ""))),
        ];
    }

    /// <summary>Which folder uses which; an executable's root puts its folders together, so that what they share stands there too.</summary>
    private static Dictionary<string, SortedSet<string>> Uses(string project, IReadOnlyList<Source> sources)
    {
        var isLibrary = !File.Exists(Repository.PathOf("src", project, "Program.cs"));
        var atRoot = sources.Where(source => source.Folder.Length == 0).SelectMany(source => Types().Matches(source.Text).Select(match => match.Groups[1].Value)).ToHashSet();
        var uses = new Dictionary<string, SortedSet<string>>();
        foreach (var source in sources.Where(source => isLibrary || source.Folder.Length > 0))
        {
            var used = uses.TryGetValue(source.Folder, out var known) ? known : uses[source.Folder] = new(StringComparer.Ordinal);

            // By its whole name, or as a folder beside this one is seen from within the project.
            used.UnionWith(Regex.Matches(source.Text, $@"(?<![\w.])(?:{Regex.Escape(project)}\.(\w+)|(\w+)\.[A-Z])").Select(match => match.Groups[1].Value + match.Groups[2].Value)
                .Where(folder => folder != source.Folder && folder.Length > 0 && sources.Any(other => other.Folder == folder)));
            if (isLibrary && source.Folder.Length > 0 && Names().Matches(source.Text).Any(name => atRoot.Contains(name.Value)))
            {
                used.Add("");
            }
        }

        return uses;
    }

    private static string Circle(Dictionary<string, SortedSet<string>> uses)
    {
        foreach (var start in uses.Keys.Order(StringComparer.Ordinal))
        {
            if (Path(start, start, []) is { } path)
            {
                return string.Join(" → ", path.Select(folder => folder.Length == 0 ? "(root)" : folder));
            }
        }

        return "";

        List<string>? Path(string from, string to, HashSet<string> seen)
        {
            foreach (var next in uses.TryGetValue(from, out var used) ? used : [])
            {
                if (next == to)
                {
                    return [from, to];
                }

                if (seen.Add(next) && Path(next, to, seen) is { } rest)
                {
                    return [from, .. rest];
                }
            }

            return null;
        }
    }

    [GeneratedRegex(@"//.*$|""(?:[^""\\\n]|\\.)*""", RegexOptions.Multiline)]
    private static partial Regex Words();

    [GeneratedRegex(@"\b(?:class|struct|record|enum|interface)\s+(?:struct\s+|class\s+)?(\w+)")]
    private static partial Regex Types();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w+")]
    private static partial Regex Names();

    private sealed record Source(string Folder, string Text);
}
