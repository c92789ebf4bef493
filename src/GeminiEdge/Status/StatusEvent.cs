using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Status;

/// <summary>Something on the time line, by the name and the fields that the log gives it.</summary>
internal sealed record StatusEvent(DateTimeOffset At, string Name, ImmutableArray<(string Name, string? Value)> Fields)
{
    public static StatusEvent Of(DateTimeOffset at, KeyRing ring) =>
        new(at, "ring_changed", [("keys", string.Join(' ', ring.Keys.Select(key => $"{key.Slot.Name()}={key.Id}")))]);

    public static StatusEvent Of(DateTimeOffset at, RingKey key, KeyStateChange change) => new(at, "key_state_changed",
    [
        ("slot", key.Slot.Name()),
        ("key_id", key.Id),
        ("from", change.From.Name()),
        ("to", change.To.Name()),
        ("verdict", Consequence.Of(change.Verdict).Name),
        ("scope", StatusJson.NameOf(change.Scope)),
        ("kind", change.Scope is RefusalScope.Kind or RefusalScope.Model ? change.Call.Kind.Name() : null),
        ("model", change.Scope == RefusalScope.Model ? change.Call.Model : null),
    ]);

    public static StatusEvent Of(DateTimeOffset at, ModelNews news) => news switch
    {
        ModelChanged changed => new(at, "model_changed", [("model", news.Model), ("key_id", news.KeyId), ("from", changed.From), ("to", changed.To)]),
        ModelPinBroken broken => new(at, "model_pin_broken", [("model", news.Model), ("key_id", news.KeyId), ("pinned", broken.Pinned), ("version", broken.Version)]),
        ModelRetiring retiring => new(at, "model_retiring", [("model", news.Model), ("key_id", news.KeyId), ("version", retiring.Version), ("stage", retiring.Status.StageName)]),
        ModelRetired retired => new(at, "model_retired", [("model", news.Model), ("key_id", news.KeyId), ("fallback", retired.Fallback)]),
        _ => new(at, "model_news", [("model", news.Model), ("key_id", news.KeyId)]),
    };
}
