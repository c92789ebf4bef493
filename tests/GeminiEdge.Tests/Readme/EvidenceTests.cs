using System.Text.RegularExpressions;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Readme;

/// <summary>Each table of figures has its place in the documents and its command in tests/evidence, and neither is there without the other.</summary>
public partial class EvidenceTests
{
    private static readonly string[] Documents = ["reliability.md", "interleavings.md", "performance.md"];

    [Fact]
    public void Marks_AreThoseOfThePartsThatTheCommandKnows()
    {
        var parts = Part().Matches(Repository.Read("tests", "evidence")).Select(match => match.Groups["name"].Value).ToList();

        var marks = Documents.SelectMany(document => Mark().Matches(Repository.Read("docs", document))).Select(match => match.Groups["name"].Value);

        Assert.InRange(parts.Count, 5, 50);
        Assert.Equal(parts.Order(), marks.Order());
    }

    [Fact]
    public async Task Check_TellsOfEachTableWhetherItIsOfThisProduct()
    {
        var result = await ProgramRun.RunAsync("python3", [Repository.PathOf("tests", "evidence"), "--check", "chaos", "hour"]);

        Assert.Contains("of 2 tables are of this product.", result.Output, StringComparison.Ordinal);
        Assert.Equal(result.Output.StartsWith("2 of 2", StringComparison.Ordinal) ? 0 : 1, result.ExitCode);
    }

    [GeneratedRegex("^    \"(?<name>[a-z-]+)\": (bench|program|explored)\\(", RegexOptions.Multiline)]
    private static partial Regex Part();

    [GeneratedRegex("<!-- evidence: (?<name>[a-z-]+) -->\\n(.*?)<!-- evidence ends -->", RegexOptions.Singleline)]
    private static partial Regex Mark();
}
