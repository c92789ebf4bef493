using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;

namespace GeminiEdge.Failover.Models;

/// <summary>
/// Which model really answered, by the model that was asked for. Callers name models, so the table is bounded, and takes in
/// only what Google has answered for.
/// </summary>
internal sealed class ModelMemory(FrozenDictionary<string, string> pins, TimeProvider time)
{
    /// <summary>How many models are remembered.</summary>
    public const int Capacity = 256;

    private readonly ConcurrentDictionary<string, KnownModel> _models = new(StringComparer.Ordinal);
    private readonly Lock _growing = new();

    /// <summary>How many models are remembered now.</summary>
    public int Count => _models.Count;

    /// <summary>Every model that is remembered, in the order of names.</summary>
    public ImmutableArray<ModelSeen> Look() => [.. _models.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value.Look())];

    /// <summary>Adds to what an answer has said of its model what one piece of it says.</summary>
    /// <param name="model">The model that was asked for.</param>
    /// <param name="isOpenAi">The answer is in OpenAI's dialect, whose <c>model</c> is the caller's own word unless it differs from it.</param>
    /// <param name="said">What it has said before.</param>
    /// <param name="mark">Where this piece speaks of it.</param>
    /// <param name="json">The piece.</param>
    public ModelSaid Read(string model, bool isOpenAi, ModelSaid said, ModelMark mark, ReadOnlySpan<byte> json)
    {
        if (said.Version is null && model.Length > 0)
        {
            var version = WithoutPrefix(At(json, mark.Version));
            if (version.IsEmpty && isOpenAi && WithoutPrefix(At(json, mark.Name)) is { IsEmpty: false } name && !Ascii.Equals(name, model))
            {
                version = name;
            }

            if (!version.IsEmpty)
            {
                said = said with { Version = _models.GetValueOrDefault(model)?.Find(version) ?? ModelVersion.Create(version) };
            }
        }

        return mark.StatusAt > 0 && said.Status is null ? said with { Status = ModelStatus.Read(json[mark.StatusAt..]) } : said;
    }

    /// <summary>A model has answered a call.</summary>
    /// <returns>What is to be told; mostly nothing.</returns>
    public ImmutableArray<ModelNews> Answered(ModelCall call, ModelSaid said, string keyId)
    {
        if (!_models.TryGetValue(call.Model, out var known))
        {
            // What is written in another way, as with %2D, is the same model to Google, and would fill the table.
            if (!ModelName.IsValid(call.Model))
            {
                return [];
            }

            known = Add(call.Model);
        }

        return known.Answered(call, said, keyId);
    }

    /// <summary>The upstream has no such model, with whatever key.</summary>
    /// <param name="call">The call that was refused.</param>
    /// <param name="fallback">The model that is asked instead; null for none.</param>
    /// <param name="keyId">The key that was refused, or the first of them.</param>
    /// <param name="status">The upstream's status.</param>
    /// <returns>What is to be told: once a day, and only of a model that has answered such calls within the last day.</returns>
    public ModelRetired? Missing(ModelCall call, string? fallback, string keyId, int status) =>
        _models.TryGetValue(call.Model, out var known) && known.IsMissedFirst(call) ? new ModelRetired(call.Model, keyId, fallback, status) : null;

    private KnownModel Add(string model)
    {
        lock (_growing)
        {
            if (_models.Count >= Capacity && !_models.ContainsKey(model))
            {
                _models.TryRemove(_models.MinBy(entry => entry.Value.AnsweredAt).Key, out _);
            }

            return _models.GetOrAdd(model, name => new KnownModel(name, pins.GetValueOrDefault(name), time));
        }
    }

    private static ReadOnlySpan<byte> At(ReadOnlySpan<byte> json, (int At, int Length) where) => json.Slice(where.At, where.Length);

    private static ReadOnlySpan<byte> WithoutPrefix(ReadOnlySpan<byte> name) => name.StartsWith("models/"u8) ? name["models/"u8.Length..] : name;
}
