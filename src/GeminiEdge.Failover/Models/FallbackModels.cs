using System.Collections.Frozen;
using System.Collections.Immutable;

namespace GeminiEdge.Failover.Models;

/// <summary>Which models are asked next when one can't answer, each in turn.</summary>
internal sealed class FallbackModels
{
    /// <summary>How a request names its own.</summary>
    public const string Header = "x-gemini-edge-fallback";

    /// <summary>How many models may be asked after the first.</summary>
    public const int Most = 3;

    private readonly FrozenDictionary<string, ImmutableArray<string>> _next;

    private FallbackModels(IEnumerable<KeyValuePair<string, ImmutableArray<string>>> next) => _next = next.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>No model has another one behind it.</summary>
    public static FallbackModels None { get; } = new([]);

    /// <summary>Reads <c>a=b,c;d=e</c>.</summary>
    /// <returns>The models, or what is wrong: the rest of a sentence that begins with the setting's name. Entries are told by their places: one may be a key in the wrong setting.</returns>
    public static (FallbackModels Models, string? Fault) Read(string text)
    {
        var next = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
        var number = 0;
        foreach (var entry in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            var (model, others) = entry.Split('=', StringSplitOptions.TrimEntries) is [var left, var right] ? (left, right) : ("", "");
            if (!ModelName.IsValid(model))
            {
                return (None, $"is a list of models and what is asked after each, as a=b,c;d=e: its entry {number} does not begin with the name of a model and one equals sign");
            }

            model = ModelName.WithoutPrefix(model);
            var (list, fault) = ReadList(others, model);
            if (fault is not null || list.IsEmpty)
            {
                return (None, $"names in its entry {number} {fault ?? "no model after the equals sign"}");
            }

            if (!next.TryAdd(model, list))
            {
                return (None, $"names in its entry {number} a model that has one already");
            }
        }

        return (new FallbackModels(next), null);
    }

    /// <summary>Reads <c>b, c</c>, as a request names them.</summary>
    /// <param name="text">The list; empty for none.</param>
    /// <param name="asked">The model that they stand behind.</param>
    /// <returns>The models, or what is wrong: words that follow "names".</returns>
    public static (ImmutableArray<string> Models, string? Fault) ReadList(string text, string asked)
    {
        var models = ImmutableArray.CreateBuilder<string>();
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!ModelName.IsValid(name))
            {
                return ([], "something that is no model: letters, digits, dots, dashes and underscores, at most 128 of them");
            }

            var model = ModelName.WithoutPrefix(name);
            if (model == asked || models.Contains(model))
            {
                continue;
            }

            if (models.Count == Most)
            {
                return ([], $"more than {Most} further models");
            }

            models.Add(model);
        }

        return (models.ToImmutable(), null);
    }

    /// <summary>The models behind one, the next one first.</summary>
    public ImmutableArray<string> Of(string model) => _next.TryGetValue(model, out var models) ? models : [];
}
