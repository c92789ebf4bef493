using System.Collections.Immutable;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>Something that a key is skipped for now, for whoever looks at it.</summary>
/// <param name="Scope">The whole key, a kind of call, or a model.</param>
/// <param name="Kinds">The kinds of call that it is about; none for the whole key.</param>
/// <param name="Model">The model that it is about; null for all.</param>
/// <param name="Cause">The verdict that began it.</param>
/// <param name="Rest">How long until the key is tried for it again; null for never.</param>
internal sealed record KeyTrouble(RefusalScope Scope, ImmutableArray<CallKind> Kinds, string? Model, Verdict Cause, TimeSpan? Rest)
{
    public static KeyTrouble Of(RefusalScope scope, ImmutableArray<CallKind> kinds, string? model, Cooldown running, TimeProvider time) =>
        new(scope, kinds, model, running.Cause, running.IsForever ? null : running.Trial.Remaining(time));
}
