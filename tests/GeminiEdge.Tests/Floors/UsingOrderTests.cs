using System.Text.RegularExpressions;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Floors;

/// <summary>Usings are sorted: of what `dotnet format` asks for, neither a build nor `dotnet format whitespace` looks at this.</summary>
public sealed partial class UsingOrderTests
{
    private static readonly string[] Folders = ["src", "tests", "samples"];

    [Fact]
    public void Usings_OfEveryFile_AreSorted()
    {
        var files = Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .ToList();

        Assert.InRange(files.Count, 500, int.MaxValue);
        Assert.DoesNotContain(files, file => !AreSorted(File.ReadAllText(file)));
    }

    [Theory]
    [InlineData("using System;\nusing System.Text;\nusing A;\nusing A.B;\nusing Ab;\nusing static A.C;\nusing X = A.B;\n", true)]
    [InlineData("using A;\nusing System;\n", false)]
    [InlineData("using A;\nusing Systemic;\nusing System.Text;\n", false)]
    [InlineData("using B;\nusing A;\n", false)]
    [InlineData("using Ab;\nusing A.B;\n", false)]
    [InlineData("using static A.C;\nusing B;\n", false)]
    [InlineData("using X = A.B;\nusing static A.C;\n", false)]
    public void Usings_InAnOrder_AreSortedOrNot(string text, bool areSorted) => Assert.Equal(areSorted, AreSorted(text));

    private static bool AreSorted(string text)
    {
        var usings = Using().Matches(text).Select(match => (
            Kind: match.Groups["alias"].Success ? 2 : match.Groups["static"].Success ? 1 : 0,
            Name: match.Groups["alias"].Success ? match.Groups["alias"].Value : match.Groups["name"].Value)).ToList();
        return usings.SequenceEqual(usings
            .OrderBy(directive => directive.Kind)
            .ThenBy(directive => directive.Name.Split('.')[0] == "System" ? 0 : 1)

            // A name stands before those that begin with it, and before those that are only longer.
            .ThenBy(directive => directive.Name.Replace('.', '\u0001'), StringComparer.OrdinalIgnoreCase));
    }

    [GeneratedRegex(@"^using (?:(?<static>static) |(?<alias>\w+) = )?(?<name>[\w.]+)[^;()]*;\r?$", RegexOptions.Multiline)]
    private static partial Regex Using();
}
