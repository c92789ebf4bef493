namespace GeminiEdge.Failover.Keys;

/// <summary>
/// One key's cooldowns by model. Callers name models, so the table is bounded: 100 for each of at most ten keys. Not
/// thread-safe: its key's lock guards it.
/// </summary>
internal sealed class ModelCooldowns(TimeProvider time)
{
    /// <summary>How many models are remembered.</summary>
    public const int Capacity = 100;

    private readonly Dictionary<string, Cooldown> _byModel = new(StringComparer.Ordinal);

    public int Count => _byModel.Count;

    /// <summary>For at least one model the key may not be used.</summary>
    public bool IsAnyRunning => _byModel.Values.Any(cooldown => !cooldown.End.HasPassed(time));

    public Cooldown? this[string model] => _byModel.GetValueOrDefault(model);

    public void Set(string model, Cooldown cooldown)
    {
        if (_byModel.Count >= Capacity && !_byModel.ContainsKey(model))
        {
            // The one that ends first is the least loss.
            _byModel.Remove(_byModel.MinBy(entry => entry.Value.End.Remaining(time)).Key);
        }

        _byModel[model] = cooldown;
    }

    public bool Remove(string model) => _byModel.Remove(model);
}
