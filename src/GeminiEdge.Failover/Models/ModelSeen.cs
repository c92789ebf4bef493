using System.Collections.Immutable;

namespace GeminiEdge.Failover.Models;

/// <summary>A model as this instance has seen it.</summary>
/// <param name="Model">As callers ask for it.</param>
/// <param name="Pin">The version that the settings expect; null for any.</param>
/// <param name="AnsweredAt">When it answered last.</param>
/// <param name="Versions">Those that answered for it, the last one first.</param>
internal sealed record ModelSeen(string Model, string? Pin, DateTimeOffset AnsweredAt, ImmutableArray<VersionSeen> Versions);

/// <summary>A version of a model, and when an answer named it last.</summary>
internal readonly record struct VersionSeen(string Version, DateTimeOffset At);
