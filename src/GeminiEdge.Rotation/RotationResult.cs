using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <summary>What a command did, for people and for programs.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">What happened where, and what to do.</param>
internal sealed record RotationResult(RotationOutcome Outcome, string Message)
{
    /// <summary>Null when nothing was begun.</summary>
    public string? RotationId { get; init; }

    /// <summary>What was done, in order; of a dry run what would be.</summary>
    public ImmutableArray<RotationStep> Steps { get; init; } = [];

    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>What the fleet register said when the run waited for the edges; null without a register.</summary>
    public string? Convergence { get; init; }

    /// <summary>The instances as that reading showed them.</summary>
    public FleetView? Fleet { get; init; }

    /// <summary>What a watch saw last.</summary>
    public WatchVerdict? Watched { get; init; }

    /// <summary>The active instances that did not hold the newest ring when the run no longer waited for them.</summary>
    public ImmutableArray<FleetRow> Laggards { get; init; } = [];

    /// <summary>Refused only for want of a new key.</summary>
    public bool NeedsKey { get; init; }

    /// <summary>The slots before the first step and after the last; null when the command never came to read them.</summary>
    public ImmutableArray<SlotState>? Before { get; init; }

    public ImmutableArray<SlotState>? After { get; init; }

    /// <summary>What the probes of this run found.</summary>
    public ImmutableDictionary<ApiKey, Verdict> Probes { get; init; } = ImmutableDictionary<ApiKey, Verdict>.Empty;

    /// <summary>The last four characters of the key that a leak took out of use.</summary>
    public string? LeakedId { get; init; }

    /// <summary>The key that the command took out of use, where this run has seen its value.</summary>
    public ApiKey? Leaked { get; init; }

    /// <summary>A command that was stopped; nobody knows whether the call under way still arrived.</summary>
    /// <param name="doing">The step that was under way.</param>
    public static RotationResult Stopped(string? doing = null) => new(RotationOutcome.Stopped,
        $"Stopped.{(doing is null ? "" : $" Whether the step under way was done, `edgectl keys` shows: {doing}.")} Running the same command again resumes.");

    /// <summary>The end of a command of two parts.</summary>
    public RotationResult Following(RotationResult first) => this with
    {
        RotationId = RotationId ?? first.RotationId,
        Steps = [.. first.Steps, .. Steps],
        Warnings = [.. first.Warnings, .. Warnings],
        Convergence = Convergence ?? first.Convergence,
        Fleet = Fleet ?? first.Fleet,
        Before = first.Before ?? Before,
        After = After ?? first.After,
        Probes = first.Probes.SetItems(Probes),
    };
}
