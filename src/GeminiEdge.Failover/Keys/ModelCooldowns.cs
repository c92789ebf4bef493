using System.Collections.Immutable;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// One key's cooldowns by model and kind of call. Callers name models, so the table is bounded: 100 for each of at most
/// ten keys. Not thread-safe: its key's lock guards it.
/// </summary>
internal sealed class ModelCooldowns(TimeProvider time)
{
    /// <summary>How many models are remembered.</summary>
    public const int Capacity = 100;

    private readonly Dictionary<string, Cooldown?[]> _byModel = new(StringComparer.Ordinal);

    public int Count => _byModel.Count;

    /// <summary>For at least one model the key may not be used.</summary>
    public bool IsAnyRunning => _byModel.Values.Any(kinds => kinds.Any(cooldown => cooldown is not null && !cooldown.End.HasPassed(time)));

    public Cooldown? this[CallScope call] => _byModel.GetValueOrDefault(call.Model)?[(int)call.Kind];

    /// <summary>One cooldown for all kinds of call that share a quota: it begins and ends for them together.</summary>
    /// <param name="call">The call that was refused.</param>
    /// <param name="kinds">Its kind, and those that it was refused for as well.</param>
    public void Set(CallScope call, CallKinds kinds, Cooldown cooldown)
    {
        if (!_byModel.TryGetValue(call.Model, out var byKind))
        {
            if (_byModel.Count >= Capacity)
            {
                // The one that ends first is the least loss.
                _byModel.Remove(_byModel.MinBy(entry => entry.Value.Max(kind => kind?.End.Remaining(time) ?? TimeSpan.Zero)).Key);
            }

            _byModel.Add(call.Model, byKind = new Cooldown?[CallKinds.Count]);
        }

        for (var kind = 0; kind < byKind.Length; kind++)
        {
            // What another kind rests for may last longer.
            if (kinds.Contains((CallKind)kind) && ((CallKind)kind == call.Kind || !(byKind[kind]?.End.Timestamp > cooldown.End.Timestamp)))
            {
                byKind[kind] = cooldown;
            }
        }
    }

    /// <summary>What serves a call of one kind serves all kinds that share its cooldown.</summary>
    public bool Remove(CallScope call)
    {
        if (this[call] is not { } ended)
        {
            return false;
        }

        var byKind = _byModel[call.Model];
        for (var kind = 0; kind < byKind.Length; kind++)
        {
            byKind[kind] = ReferenceEquals(byKind[kind], ended) ? null : byKind[kind];
        }

        if (byKind.All(cooldown => cooldown is null))
        {
            _byModel.Remove(call.Model);
        }

        return true;
    }

    /// <summary>All that runs now: a cooldown that kinds of call share is one.</summary>
    public IEnumerable<KeyTrouble> AllRunning() => _byModel.SelectMany(entry => entry.Value
        .Select((cooldown, kind) => (Cooldown: cooldown, Kind: (CallKind)kind))
        .Where(of => of.Cooldown is not null && !of.Cooldown.End.HasPassed(time))
        .GroupBy(of => of.Cooldown!, of => of.Kind, ReferenceEqualityComparer.Instance)
        .Select(group => KeyTrouble.Of(RefusalScope.Model, [.. group], entry.Key, (Cooldown)group.Key!, time)));
}
