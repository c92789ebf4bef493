using GeminiEdge.Tests.Functions;
using YamlDotNet.RepresentationModel;

namespace GeminiEdge.Tests.Workflows;

/// <summary>A workflow of this repository, with one job.</summary>
internal sealed class Workflow
{
    private static readonly string[] KnownStepKeys = ["name", "id", "if", "env", "run", "uses", "with"];

    private Workflow(string name) => (Name, Text, Root) = (name, Repository.Read(".github", "workflows", name), Parse(name));

    /// <summary>The file's name.</summary>
    public string Name { get; }

    public string Text { get; }

    public YamlMappingNode Root { get; }

    public YamlMappingNode Job => (YamlMappingNode)Assert.Single(Map(Root, "jobs").Children).Value;

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

    public static IEnumerable<Workflow> All => Directory.EnumerateFiles(Repository.PathOf(".github", "workflows")).Select(path => new Workflow(Path.GetFileName(path)));

    public static Workflow Open(string name) => new(name);

    /// <summary>A mapping within another; empty when it isn't there.</summary>
    public static YamlMappingNode Map(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) && value is YamlMappingNode map ? map : new YamlMappingNode();

    /// <summary>A mapping of texts within another; empty when it isn't there.</summary>
    public static IReadOnlyDictionary<string, string> Strings(YamlMappingNode node, string key) =>
        Map(node, key).Children.ToDictionary(pair => Text_(pair.Key), pair => Text_(pair.Value));

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
