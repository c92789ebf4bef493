using GeminiEdge.Tests.Functions;
using YamlDotNet.RepresentationModel;

namespace GeminiEdge.Tests.Workflows;

/// <summary>A job of a workflow of this repository.</summary>
internal sealed class Workflow
{
    private static readonly string[] KnownStepKeys = ["name", "id", "if", "env", "run", "uses", "with"];

    private Workflow(string name, YamlMappingNode root, string job) =>
        (Name, Text, Root, JobName, Job) = (name, Repository.Read(".github", "workflows", name), root, job, (YamlMappingNode)root["jobs"][job]);

    /// <summary>The file's name.</summary>
    public string Name { get; }

    public string Text { get; }

    public YamlMappingNode Root { get; }

    public string JobName { get; }

    public YamlMappingNode Job { get; }

    public IReadOnlyDictionary<string, string> Environment => Strings(Job, "env");

    public IReadOnlyList<WorkflowStep> Steps => [.. ((YamlSequenceNode)Job["steps"]).Children.Cast<YamlMappingNode>().Select(Step)];

    /// <summary>What a person who starts it by hand may give it, and the defaults.</summary>
    public IReadOnlyDictionary<string, string> Inputs =>
        Map(Map(Root, "on"), "workflow_dispatch") is { Children.Count: > 0 } dispatch
            ? Map(dispatch, "inputs").Children.ToDictionary(input => Text_(input.Key), input => Text_(input.Value["default"]))
            : new Dictionary<string, string>();

    /// <summary>What GitHub starts for a step that names no shell; without a default, it stops at no failed pipe.</summary>
    public IReadOnlyList<string> Shell => Root.Children.TryGetValue("defaults", out var defaults)
        ? defaults["run"]["shell"] is YamlScalarNode { Value: "bash" } ? ["bash", "--noprofile", "--norc", "-eo", "pipefail"] : throw new NotSupportedException()
        : ["bash", "-e"];

    /// <summary>Every job of every workflow.</summary>
    public static IEnumerable<Workflow> All => Directory.EnumerateFiles(Repository.PathOf(".github", "workflows")).SelectMany(path => JobsOf(Path.GetFileName(path)));

    /// <summary>A workflow's last job, which the ones before it prepare, or the one named.</summary>
    public static Workflow Open(string name, string? job = null) => JobsOf(name).Last(workflow => job is null || workflow.JobName == job);

    /// <summary>A mapping within another; empty when it isn't there.</summary>
    public static YamlMappingNode Map(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) && value is YamlMappingNode map ? map : new YamlMappingNode();

    /// <summary>A mapping of texts within another; empty when it isn't there.</summary>
    public static IReadOnlyDictionary<string, string> Strings(YamlMappingNode node, string key) =>
        Map(node, key).Children.ToDictionary(pair => Text_(pair.Key), pair => Text_(pair.Value));

    private static IEnumerable<Workflow> JobsOf(string name)
    {
        var root = Parse(name);
        return Map(root, "jobs").Children.Keys.Select(job => new Workflow(name, root, Text_(job)));
    }

    private static YamlMappingNode Parse(string name)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Repository.Read(".github", "workflows", name)));
        return (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    private static WorkflowStep Step(YamlMappingNode step)
    {
        Assert.All(step.Children.Keys, key => Assert.Contains(Text_(key), KnownStepKeys));
        return new(Value("name") ?? Value("uses") ?? Value("run")!, Value("id"), Value("if"), Value("run"), Value("uses"), Strings(step, "with"), Strings(step, "env"));

        string? Value(string key) => step.Children.TryGetValue(key, out var value) ? Text_(value) : null;
    }

    private static string Text_(YamlNode node) => ((YamlScalarNode)node).Value!;
}

/// <summary>A step: either a script or an action.</summary>
internal sealed record WorkflowStep(
    string Name, string? Id, string? If, string? Run, string? Uses, IReadOnlyDictionary<string, string> With, IReadOnlyDictionary<string, string> Environment);
