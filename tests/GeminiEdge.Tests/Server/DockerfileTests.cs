using System.Text.RegularExpressions;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Server;

/// <summary>What the container image is made of, as its file says it.</summary>
public partial class DockerfileTests
{
    private static readonly string[] Lines = Continuation().Replace(Repository.Read("Dockerfile"), " ").Split('\n');

    private static string[] LastStage => Lines[Array.FindLastIndex(Lines, line => line.StartsWith("FROM ", StringComparison.Ordinal))..];

    [Fact]
    public void Image_RunsAsNobodysRoot()
    {
        var user = Single(LastStage, "USER ");

        Assert.Matches("^[1-9][0-9]*:[1-9][0-9]*$", user);
    }

    // No shell asks: the image has none.
    [Fact]
    public void Image_AsksItsOwnHealth()
    {
        var executable = Single(LastStage, "ENTRYPOINT ");

        Assert.Equal("""["/app/GeminiEdge.Server"]""", executable);
        Assert.EndsWith("""CMD ["/app/GeminiEdge.Server", "--health"]""", Single(LastStage, "HEALTHCHECK "), StringComparison.Ordinal);
        Assert.DoesNotContain(LastStage, line => line.StartsWith("RUN ", StringComparison.Ordinal));
    }

    [Fact]
    public void Image_ListensOnThePortThatItNames() =>
        Assert.Equal($"ASPNETCORE_URLS=http://+:{Single(LastStage, "EXPOSE ")}", Single(LastStage, "ENV "));

    [Fact]
    public void Bases_AreNamedWithAVersionThatAnUpdateCanRaise() =>
        Assert.All(Lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)), line => Assert.Matches(@"^FROM [\w./-]+:10\.0-[\w-]+( AS \w+)?$", line));

    // Every file in the root that a build reads; a key in local settings stays outside.
    [Fact]
    public void Context_IsWhatABuildReadsAndNothingElse()
    {
        var rules = Repository.Read(".dockerignore").Split('\n').Where(line => line is not ("" or ['#', ..])).ToList();
        var taken = rules.Where(rule => rule.StartsWith('!')).Select(rule => rule[1..]).ToList();

        Assert.Equal("*", rules[0]);
        Assert.All(taken, name => Assert.True(File.Exists(Repository.PathOf(name)) || Directory.Exists(Repository.PathOf(name)), name));
        Assert.Empty(Directory.GetFiles(Repository.PathOf(), "Directory.*").Select(Path.GetFileName).Concat(["global.json", "nuget.config", "BannedSymbols.txt", ".editorconfig"]).Except(taken));
        Assert.Contains("**/local.settings.json", rules);
    }

    private static string Single(IEnumerable<string> lines, string instruction) =>
        Assert.Single(lines, line => line.StartsWith(instruction, StringComparison.Ordinal))[instruction.Length..];

    [GeneratedRegex(@" *\\\n *")]
    private static partial Regex Continuation();
}
