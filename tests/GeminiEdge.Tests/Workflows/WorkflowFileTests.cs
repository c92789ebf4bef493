using System.Text.RegularExpressions;
using Cronos;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace GeminiEdge.Tests.Workflows;

/// <summary>What every workflow, and each of its jobs, keeps to.</summary>
public partial class WorkflowFileTests
{
    // Files and images of a release, and what is signed of them.
    private static readonly Dictionary<string, string> Publishing = new() { ["artifact-metadata"] = "write", ["attestations"] = "write", ["contents"] = "write", ["id-token"] = "write", ["packages"] = "write" };

    private static readonly NodePackages Packages = new("Workflows");

    public static TheoryData<string> Names => [.. Workflow.All.Select(workflow => workflow.Name).Distinct()];

    public static TheoryData<string, string> Jobs => [.. Workflow.All.Select(workflow => (workflow.Name, workflow.JobName))];

    [Fact]
    public async Task Workflows_AreValidForGitHubsOwnLanguageService() =>
        Assert.Equal((0, ""), await Packages.RunAsync("validate.mjs", ("WORKFLOWS", Repository.PathOf(".github", "workflows"))));

    [Theory]
    [MemberData(nameof(Names))]
    public void Actions_ArePinnedByCommitWithTheVersionBeside(string name)
    {
        var uses = Workflow.Open(name).Text.Split('\n').Where(line => line.Contains("uses:", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(uses);
        Assert.All(uses, line => Assert.Matches(PinnedAction(), line));
    }

    [Fact]
    public void Actions_OfOneName_AreOneCommit()
    {
        var commits = Workflow.All.SelectMany(workflow => workflow.Steps).Select(step => step.Uses).OfType<string>().Distinct().Select(uses => uses.Split('@')[0]).ToList();

        Assert.Equal(commits.Distinct(), commits);
    }

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Permissions_AreThoseOfTheJobAlone(string name, string job)
    {
        var workflow = Workflow.Open(name, job);
        var signsIn = SignsIn(workflow);

        Assert.Empty(((YamlMappingNode)workflow.Root["permissions"]).Children);
        Assert.Equal(
            (name, job) == ("release.yml", "publish") ? Publishing : signsIn ? new() { ["contents"] = "read", ["id-token"] = "write" } : new Dictionary<string, string> { ["contents"] = "read" },
            Workflow.Strings(workflow.Job, "permissions").OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary());
    }

    // A build runs what any package brings along for it, and a job that may sign in would hand that the identity.
    [Theory]
    [InlineData("rotate-gemini-key.yml")]
    [InlineData("purge-gemini-key.yml")]
    [InlineData("deploy.yml")]
    public void Workflows_BuildWhereNobodyCanSignIn(string name)
    {
        var jobs = Workflow.All.Where(workflow => workflow.Name == name).ToList();

        Assert.Equal([false, true], jobs.Select(SignsIn));
        Assert.Equal([true, false], jobs.Select(job => job.Steps.Any(step => BuildCommand().IsMatch(step.Run ?? ""))));
        Assert.Equal(jobs[0].JobName, ((YamlScalarNode)jobs[1].Job["needs"]).Value);
    }

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Scripts_HoldNoExpressionAndNoSecret(string name, string job)
    {
        var workflow = Workflow.Open(name, job);

        Assert.All(workflow.Steps, step => Assert.DoesNotContain("${{", step.Run ?? "", StringComparison.Ordinal));
        Assert.DoesNotContain("secrets.", workflow.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(workflow.Steps, step => step.Uses?.StartsWith("actions/checkout@", StringComparison.Ordinal) is true && step.With.GetValueOrDefault("persist-credentials") != "false");
    }

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Jobs_HaveATimeLimit(string name, string job) =>
        Assert.InRange(int.Parse(((YamlScalarNode)Workflow.Open(name, job).Job["timeout-minutes"]).Value!, System.Globalization.CultureInfo.InvariantCulture), 1, 90);

    [Theory]
    [MemberData(nameof(Names))]
    public void Workflows_HaveAConcurrencyGroup(string name) => Assert.NotEmpty(Workflow.Strings(Workflow.Open(name).Root, "concurrency")["group"]);

    // Each for itself: what keeps a rotation and a purge apart is the vault's lock. A group without an expression is one for all branches.
    [Theory]
    [InlineData("rotate-gemini-key.yml")]
    [InlineData("purge-gemini-key.yml")]
    public void KeyWorkflows_CancelNoRunOfTheirOwnThatIsUnderWay(string name)
    {
        var concurrency = Workflow.Strings(Workflow.Open(name).Root, "concurrency");

        Assert.Equal((Path.GetFileNameWithoutExtension(name), "false"), (concurrency["group"], concurrency["cancel-in-progress"]));
    }

    // Who must approve stands in the repository's settings.
    [Fact]
    public void Rotation_IsInTheEnvironmentOfTheKeys() => Assert.Equal("gemini-keys", ((YamlScalarNode)Workflow.Open("rotate-gemini-key.yml").Job["environment"]).Value);

    [Fact]
    public void Rotation_IsOnTheFirstOfEachQuarter() => Assert.Equal(
        [(2026, 1, 1), (2026, 4, 1), (2026, 7, 1), (2026, 10, 1), (2027, 1, 1), (2027, 4, 1), (2027, 7, 1), (2027, 10, 1)],
        Occurrences("rotate-gemini-key.yml", years: 2));

    [Fact]
    public void Purge_IsDaily() => Assert.Equal(365, Occurrences("purge-gemini-key.yml", years: 1).Distinct().Count());

    private static List<(int Year, int Month, int Day)> Occurrences(string name, int years)
    {
        var schedule = (YamlSequenceNode)Workflow.Map(Workflow.Open(name).Root, "on")["schedule"];
        var cron = CronExpression.Parse(((YamlScalarNode)Assert.Single(schedule.Children)["cron"]).Value!);
        return [.. cron.GetOccurrences(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2026 + years, 1, 1, 0, 0, 0, DateTimeKind.Utc)).Select(at => (at.Year, at.Month, at.Day))];
    }

    private static bool SignsIn(Workflow workflow) => workflow.Steps.Any(step => step.Uses?.StartsWith("azure/login@", StringComparison.Ordinal) is true);

    [GeneratedRegex(@"\bdotnet (pack|build|publish|run|test|restore|msbuild)\b")]
    private static partial Regex BuildCommand();

    [GeneratedRegex("^ +(- )?uses: [\\w.-]+/[\\w./-]+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+$")]
    private static partial Regex PinnedAction();
}
