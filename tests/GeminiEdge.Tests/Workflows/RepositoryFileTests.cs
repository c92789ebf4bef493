using System.Text.RegularExpressions;
using GeminiEdge.Tests.Functions;
using YamlDotNet.RepresentationModel;

namespace GeminiEdge.Tests.Workflows;

/// <summary>What GitHub reads beside the workflows: the forms of issues, the updates of packages, and who reviews.</summary>
public partial class RepositoryFileTests
{
    private static readonly string[] Kinds = ["markdown", "dropdown", "input", "textarea", "checkboxes"];

    public static TheoryData<string> Forms => [.. Directory.GetFiles(Repository.PathOf(".github", "ISSUE_TEMPLATE"), "*.yml").Select(path => Path.GetFileName(path)).Where(name => name != "config.yml")];

    // An issue is public: the first thing that is read is what must not be in it.
    [Theory]
    [MemberData(nameof(Forms))]
    public void IssueForm_BeginsWithTheWarningAndIsWhole(string name)
    {
        var form = Read(".github", "ISSUE_TEMPLATE", name);
        var body = ((YamlSequenceNode)form["body"]).Cast<YamlMappingNode>().ToList();

        Assert.All(["name", "description"], key => Assert.NotEmpty(form[key].ToString()));
        Assert.Equal("markdown", body[0]["type"].ToString());
        Assert.StartsWith("**Never paste an API key", body[0]["attributes"]["value"].ToString(), StringComparison.Ordinal);
        Assert.Contains("`key_id`", body[0]["attributes"]["value"].ToString(), StringComparison.Ordinal);
        Assert.All(body, part => Assert.Contains(part["type"].ToString(), Kinds));
        var fields = body.Skip(1).ToList();
        Assert.Equal(fields.Count, fields.Select(part => part["id"].ToString()).Distinct().Count());
        Assert.All(fields, part => Assert.NotEmpty(part["attributes"]["label"].ToString()));
    }

    // The checkbox that is asked for is the same promise.
    [Fact]
    public void Bug_CannotBeSentWithoutThePromise()
    {
        var promise = ((YamlSequenceNode)Read(".github", "ISSUE_TEMPLATE", "bug.yml")["body"]).Cast<YamlMappingNode>().Last();
        var option = Assert.Single((YamlSequenceNode)promise["attributes"]["options"]);

        Assert.Equal("true", option["required"].ToString());
        Assert.Contains("no key", option["label"].ToString(), StringComparison.Ordinal);
        Assert.Equal("false", Read(".github", "ISSUE_TEMPLATE", "config.yml")["blank_issues_enabled"].ToString());
    }

    [Fact]
    public void IssueForms_LinkToFilesThatAreThere() =>
        Assert.All(
            Forms.SelectMany(form => Link().Matches(Repository.Read(".github", "ISSUE_TEMPLATE", form.Data))),
            link => Assert.True(File.Exists(Repository.PathOf(link.Groups[1].Value)), link.Value));

    [Fact]
    public void Updates_ComeForEverythingThatHasAVersion()
    {
        var updates = ((YamlSequenceNode)Read(".github", "dependabot.yml")["updates"]).Cast<YamlMappingNode>().ToList();
        var folders = ((YamlSequenceNode)updates.Single(update => update["package-ecosystem"].ToString() == "npm")["directories"]).Select(folder => folder.ToString()).ToList();

        Assert.Equal(["docker", "github-actions", "npm", "nuget", "pip"], updates.Select(update => update["package-ecosystem"].ToString()).Order(StringComparer.Ordinal));
        foreach (var root in (string[])["tests", "samples"])
        {
            Assert.All(
                Directory.EnumerateFiles(Repository.PathOf(root), "package.json", SearchOption.AllDirectories).Where(path => !path.Contains("node_modules", StringComparison.Ordinal)),
                path => Assert.Contains($"/{root}/**", folders));
        }
    }

    // An owner that does not exist reviews nothing, and looks as if somebody did.
    [Fact]
    public void Owners_AreNamedByNobodyButThisRepositorysOwn() =>
        Assert.All(
            Repository.Read(".github", "CODEOWNERS").Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.True(line.StartsWith('#') || !line.Contains("@OWNER/", StringComparison.Ordinal), line));

    [Fact]
    public void Owners_PathsAreThere() =>
        Assert.All(
            OwnedPath().Matches(Repository.Read(".github", "CODEOWNERS")).Select(path => Repository.PathOf(path.Groups[1].Value.Trim('/'))),
            path => Assert.True(File.Exists(path) || Directory.Exists(path), path));

    // One lock for each processor: they differ in its name alone, and in the compiler's package for it.
    [Fact]
    public void Locks_OfBothProcessors_HoldTheSame()
    {
        var x64 = Repository.Read("src", "GeminiEdge.Server", "packages.lock.json").Replace("linux-x64", "linux-arm64", StringComparison.Ordinal);
        var arm64 = Repository.Read("src", "GeminiEdge.Server", "packages.linux-arm64.lock.json");

        Assert.Equal(WithoutTheCompilersHash(x64), WithoutTheCompilersHash(arm64));

        static string WithoutTheCompilersHash(string text) => CompilersHash().Replace(text, "$1");
    }

    private static YamlMappingNode Read(params string[] path)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Repository.Read(path)));
        return (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    [GeneratedRegex(@"\]\(\.\./blob/HEAD/([^)#]+)")]
    private static partial Regex Link();

    [GeneratedRegex("^#? ?(/[^ ]+) +@", RegexOptions.Multiline)]
    private static partial Regex OwnedPath();

    [GeneratedRegex("(\"runtime\\.linux-arm64\\.Microsoft\\.DotNet\\.ILCompiler\": \\{[^}]*\"contentHash\": )\"[^\"]*\"")]
    private static partial Regex CompilersHash();
}
