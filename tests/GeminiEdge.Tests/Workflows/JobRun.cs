using System.Diagnostics;
using GeminiEdge.Tests.Cli;

namespace GeminiEdge.Tests.Workflows;

/// <summary>What a job runs on.</summary>
/// <param name="Workspace">The checkout.</param>
/// <param name="Machine">Environment variables of the machine.</param>
/// <param name="Variables">The repository's variables.</param>
internal sealed record JobSetting(string Workspace, IReadOnlyDictionary<string, string> Machine, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>What a person gave it; null for the schedule.</summary>
    public IReadOnlyDictionary<string, object>? Inputs { get; init; }

    /// <summary>What each action does that isn't here, by its name without the version.</summary>
    public required IReadOnlyDictionary<string, Action<IReadOnlyDictionary<string, string>>> Actions { get; init; }

    /// <summary>Scripts that ran before, with what they put on the path.</summary>
    public IReadOnlyDictionary<string, string> Done { get; init; } = new Dictionary<string, string>();

    /// <summary>The run's own token.</summary>
    public string? Token { get; init; }

    /// <summary>The step in which somebody cancels the run.</summary>
    public string? CancelledIn { get; init; }
}

/// <summary>How a step ended: success, failure, cancelled or skipped.</summary>
internal sealed record StepEnd(string Name, string Outcome, string Log);

/// <summary>A line that the run's page shows: an error, a warning or a notice.</summary>
internal sealed record Annotation(string Kind, string Title, string Text);

/// <summary>
/// A job, run as GitHub's runner does: its steps in order, each script by bash in a process of its own, with the job's
/// environment, expressions filled in, and what it writes to <c>GITHUB_OUTPUT</c> and the like taken on.
/// </summary>
internal sealed class JobRun : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Workflow _workflow;
    private readonly JobSetting _setting;
    private readonly Expression _expressions;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gemini-edge-job-");
    private readonly Dictionary<string, (string Outcome, Dictionary<string, string> Outputs)> _ids = [];
    private readonly List<StepEnd> _steps = [];

    private JobRun(Workflow workflow, JobSetting setting)
    {
        (_workflow, _setting) = (workflow, setting);
        _expressions = new Expression(Read, Call);
        Temp = _folder.CreateSubdirectory("temp").FullName;
    }

    /// <summary>success, failure or cancelled.</summary>
    public string Conclusion { get; private set; } = "success";

    public string Temp { get; }

    /// <summary>What the run's page shows.</summary>
    public string Summary { get; private set; } = "";

    /// <summary>What steps put on the path, the last first.</summary>
    public string Path { get; private set; } = "";

    /// <summary>The steps that ran.</summary>
    public IEnumerable<StepEnd> Ran => _steps.Where(step => step.Outcome != "skipped");

    public string Log => string.Join('\n', Ran.Select(step => $"--- {step.Name}: {step.Outcome}\n{step.Log}"));

    public IReadOnlyList<Annotation> Annotations => [.. Ran.SelectMany(step => step.Log.Split('\n')).Where(line => line.StartsWith("::", StringComparison.Ordinal)).Select(Annotate)];

    public static async Task<JobRun> RunAsync(Workflow workflow, JobSetting setting, Func<WorkflowStep, bool>? only = null)
    {
        var run = new JobRun(workflow, setting);
        foreach (var step in workflow.Steps.Where(step => only?.Invoke(step) ?? true))
        {
            await run.RunAsync(step);
        }

        return run;
    }

    public string Outcome(string step) => _steps.Single(end => end.Name == step).Outcome;

    /// <summary>A file that the steps left in the runner's folder.</summary>
    public string File(params string[] parts) => System.IO.File.ReadAllText(System.IO.Path.Combine([Temp, .. parts]));

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task RunAsync(WorkflowStep step)
    {
        var (outcome, log, outputs) = !_expressions.Allows(step.If) ? ("skipped", "", [])
            : step.Name == _setting.CancelledIn ? ("cancelled", "", [])
            : step.Uses is { } action ? (Act(action, step), "", [])
            : _setting.Done.TryGetValue(step.Run!, out var path) ? (Prepend(path), "", [])
            : await ScriptAsync(step);
        _steps.Add(new(step.Name, outcome, log));
        Conclusion = outcome is "failure" or "cancelled" && Conclusion == "success" ? outcome : Conclusion;
        if (step.Id is not null)
        {
            _ids.Add(step.Id, (outcome, outputs));
        }
    }

    private string Act(string action, WorkflowStep step)
    {
        _setting.Actions[action.Split('@')[0]](step.With.ToDictionary(pair => pair.Key, pair => _expressions.Fill(pair.Value)));
        return "success";
    }

    private string Prepend(string path)
    {
        Path = $"{path}:{Path}";
        return "success";
    }

    private async Task<(string Outcome, string Log, Dictionary<string, string> Outputs)> ScriptAsync(WorkflowStep step)
    {
        var files = _folder.CreateSubdirectory($"step-{_steps.Count}");
        var (script, log) = (Touch("script.sh", step.Run!), Touch("log"));

        // Into a file, because a server that a build leaves behind would hold a pipe open.
        var start = new ProcessStartInfo("bash", ["-c", "exec \"$@\" > \"$0\" 2>&1", log, .. _workflow.Shell, script]) { WorkingDirectory = _setting.Workspace, RedirectStandardInput = true };
        foreach (var name in start.Environment.Keys.Where(CliRun.IsRead).ToList())
        {
            start.Environment.Remove(name);
        }

        (string, string)[] own =
        [
            ("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_TRIGGERING_ACTOR", "octocat"), ("GITHUB_WORKSPACE", _setting.Workspace), ("RUNNER_TEMP", Temp),
            ("GITHUB_OUTPUT", Touch("output")), ("GITHUB_ENV", Touch("env")), ("GITHUB_PATH", Touch("path")), ("GITHUB_STEP_SUMMARY", Touch("summary")),
        ];
        var given = _workflow.Environment.Concat(step.Environment).Select(pair => (pair.Key, _expressions.Fill(pair.Value)));
        foreach (var (name, value) in _setting.Machine.Select(pair => (pair.Key, pair.Value)).Concat(own).Concat(given))
        {
            start.Environment[name] = value;
        }

        start.Environment["PATH"] = Path + start.Environment["PATH"];
        var exitCode = await EndAsync(start);
        Assert.Equal("", Content("env"));
        Summary += Content("summary");
        Path = string.Concat(Content("path").Split('\n', StringSplitOptions.RemoveEmptyEntries).Reverse().Select(folder => $"{folder}:")) + Path;
        var outputs = Content("output").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return (exitCode == 0 ? "success" : "failure", Content("log"), outputs);

        string Touch(string name, string text = "")
        {
            var path = System.IO.Path.Combine(files.FullName, name);
            System.IO.File.WriteAllText(path, text);
            return path;
        }

        string Content(string name) => System.IO.File.ReadAllText(System.IO.Path.Combine(files.FullName, name));
    }

    private static async Task<int> EndAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Longest);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private object? Read(string name) => name.Split('.', 2) switch
    {
        ["vars", var variable] => _setting.Variables[variable],
        ["inputs", var input] when _workflow.Inputs.TryGetValue(input, out var usual) =>
            _setting.Inputs is not { } inputs ? null : inputs.TryGetValue(input, out var given) ? given : usual is "true" or "false" ? usual == "true" : usual,
        ["runner", "temp"] => Temp,
        ["github", "token"] => _setting.Token,
        ["github", "run_id"] => "4711",
        ["github", "run_attempt"] => "1",
        ["steps", var step] when step.Split('.') is [var id, "outcome"] => _ids[id].Outcome,
        ["steps", var step] when step.Split('.') is [var id, "outputs", var output] => _ids[id].Outputs.GetValueOrDefault(output),
        _ => throw new NotSupportedException($"The expression's {name} is not known here."),
    };

    private bool Call(string function) => function switch
    {
        "always" => true,
        "success" or "failure" or "cancelled" => Conclusion == function,
        _ => throw new NotSupportedException($"The expression's {function}() is not known here."),
    };

    private static Annotation Annotate(string line)
    {
        var parts = line.Split("::", 3);
        var head = parts[1].Split(" title=", 2);
        return new(head[0], head[1], parts[2].Replace("%0A", "\n", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal));
    }
}
