using System.Collections.Immutable;
using System.Globalization;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Drill;

/// <summary>What a drill has shown.</summary>
internal sealed record Evidence
{
    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Ended { get; init; }

    public required DrillPace Pace { get; init; }

    public required LoadResult Load { get; init; }

    public required ImmutableArray<StepEvidence> Steps { get; init; }

    /// <summary>The keys in the order in which the vault got them.</summary>
    public required ImmutableArray<KeyEvidence> Keys { get; init; }

    /// <summary>Each key that gave up PRIMARY, and how long it still carried traffic.</summary>
    public required ImmutableArray<Retirement> Retirements { get; init; }

    /// <summary>The streams that were in flight on an instance while it swapped its ring.</summary>
    public required ImmutableArray<Exchange> StreamsAcrossSwaps { get; init; }

    public int StreamsAcrossSwapsFinished => StreamsAcrossSwaps.Count(stream => stream.Fault is null);

    /// <summary>Every command was done, and every instance took in every step.</summary>
    public bool IsWholeStory => Steps.All(step => step.IsDone && step.Slowest is not null);

    /// <summary>What stands against it; nothing if it went as it should.</summary>
    public IEnumerable<string> Faults =>
    [
        .. Steps.Where(step => !step.IsDone).Select(step => $"The drill ended at \"{step.Step.Name}\": {step.Step.Command!.Message}"),
        .. Steps.Where(step => step.IsDone && step.Slowest is null).Select(step => $"Not every edge took in \"{step.Step.Name}\"."),
        .. Load.Failed > 0 ? [string.Create(CultureInfo.InvariantCulture, $"{Load.Failed:N0} of {Load.Sent:N0} requests failed.")] : Array.Empty<string>(),
    ];

    /// <summary>What it has shown if nothing does.</summary>
    public string Passed => string.Create(CultureInfo.InvariantCulture,
        $"none of {Load.Sent:N0} requests failed, and every edge took in every step{(HoldsBar ? "" : ", though not everything within the bar: see MISSED")}.");

    /// <summary>Every step reached every instance within the bar, and no key was used after it.</summary>
    public bool HoldsBar => Steps.All(step => step.Slowest <= Pace.Bar) && Retirements.All(key => key.UsedFor <= Pace.Bar);
}

/// <summary>One step, and how long each instance took to take it in.</summary>
/// <param name="Took">By instance; null: it never did.</param>
internal sealed record StepEvidence(DrillStep Step, ImmutableArray<TimeSpan?> Took)
{
    public bool IsDone => Step.Command is null or { Outcome: RotationOutcome.Done };

    /// <summary>After this every instance had; null: not every one did.</summary>
    public TimeSpan? Slowest => Took.Contains(null) ? null : Took.Max();
}

/// <summary>One key's way through the slots, and its use.</summary>
/// <param name="LastUse">At the upstream, by an edge.</param>
internal sealed record KeyEvidence(string KeyId, ImmutableArray<SlotWrite> Slots, KeyAnswers? Answers, DateTimeOffset? LastUse);

/// <summary>A key that was replaced in PRIMARY.</summary>
/// <param name="LastUse">Until it came back into a slot that is used, if it did.</param>
internal sealed record Retirement(string KeyId, DateTimeOffset ReplacedAt, DateTimeOffset? LastUse)
{
    /// <summary>How long after its replacement; nothing when it was not used after it.</summary>
    public TimeSpan UsedFor => LastUse > ReplacedAt ? LastUse.Value - ReplacedAt : TimeSpan.Zero;
}
