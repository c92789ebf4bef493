using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>
/// JSON that fits a schema, the same every time: Google's own dialect of OpenAPI (types in capitals, <c>nullable</c>) and JSON
/// Schema (<c>$ref</c>, lists of types, <c>const</c>, <c>allOf</c>) alike.
/// </summary>
internal sealed class SchemaSample
{
    /// <summary>How deep optional things are gone into; what is required goes on.</summary>
    private const int Deep = 6;

    private const int Deepest = 40;

    private readonly JsonNode? _root;
    private readonly Stack<string> _references = new();

    private SchemaSample(JsonNode? root) => _root = root;

    /// <summary>What the schema asks for.</summary>
    public static JsonNode? Of(JsonNode? schema) => new SchemaSample(schema).Value(schema, 0, 0);

    /// <param name="index">Which one of several values that may have to differ.</param>
    private JsonNode? Value(JsonNode? schema, int index, int depth)
    {
        if (schema is not JsonObject json || depth > Deepest)
        {
            // `true` takes anything.
            return schema is JsonValue && depth <= Deepest ? "sandbox" : null;
        }

        if (json["$ref"].AsText() is { } reference)
        {
            _references.Push(reference);
            var value = Value(Resolve(reference), index, depth + 1);
            _references.Pop();
            return value;
        }

        if (json.TryGetPropertyValue("const", out var constant))
        {
            return constant?.DeepClone();
        }

        if (json["enum"] is JsonArray { Count: > 0 } choices)
        {
            return choices[index % choices.Count]?.DeepClone();
        }

        if (json["allOf"] is JsonArray all)
        {
            return Value(Merge(json, all), index, depth);
        }

        var type = TypeOf(json);
        return type is null && Alternative(json) is { } alternative ? Value(alternative, index, depth) : Plain(type, json, index, depth);
    }

    private JsonNode? Plain(string? type, JsonObject schema, int index, int depth) => type switch
    {
        "OBJECT" => Object(schema, depth),
        "ARRAY" => Array(schema, depth),
        "STRING" => SampleText.Of(schema, index),
        "INTEGER" or "NUMBER" => Number(schema, index, isWhole: type == "INTEGER"),
        "BOOLEAN" => true,
        "NULL" => null,
        _ => SampleText.Of(schema, index),
    };

    /// <summary>The first type that is not null; without one, what the other keywords are of.</summary>
    private static string? TypeOf(JsonObject schema)
    {
        var named = schema["type"] switch
        {
            JsonArray list => list.Select(type => type.AsText()?.ToUpperInvariant()).OrderBy(type => type == "NULL").FirstOrDefault(),
            var single => single.AsText()?.ToUpperInvariant(),
        };
        return named is not (null or "TYPE_UNSPECIFIED") ? named
            : schema["properties"] is not null ? "OBJECT"
            : schema["items"] is not null || schema["prefixItems"] is not null ? "ARRAY"
            : null;
    }

    private JsonNode? Alternative(JsonObject schema) => (schema.Field("anyOf") ?? schema.Field("oneOf")) is JsonArray choices
        ? choices.OrderBy(IsUnderWay).ThenBy(choice => TypeOf(choice as JsonObject ?? []) == "NULL").FirstOrDefault()
        : null;

    /// <summary>It leads back to a schema that this value is in already.</summary>
    private bool IsUnderWay(JsonNode? schema) => schema.Field("$ref").AsText() is { } reference && _references.Contains(reference);

    private JsonObject Object(JsonObject schema, int depth)
    {
        var required = schema.Items("required").Select(name => name.AsText()).ToHashSet();
        var json = new JsonObject();
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (required.Contains(name) || (depth < Deep && !IsUnderWay(property)))
            {
                json[name] = Value(property, 0, depth + 1);
            }
        }

        // What is required need not be described.
        foreach (var name in required.OfType<string>().Where(name => !json.ContainsKey(name)))
        {
            json[name] = schema["additionalProperties"] is JsonObject other ? Value(other, 0, depth + 1) : "sandbox";
        }

        return json;
    }

    private JsonArray Array(JsonObject schema, int depth)
    {
        var (least, most) = (schema.Whole("minItems") ?? 0, schema.Whole("maxItems") ?? long.MaxValue);
        var items = schema["items"];
        var first = schema["prefixItems"] as JsonArray ?? [];
        var usual = depth < Deep && !IsUnderWay(items) ? Math.Max(1, first.Count) : 0;
        var count = Math.Min(Math.Max(least, usual), most);
        return [.. Enumerable.Range(0, (int)Math.Min(count, 1_000)).Select(i => Value(i < first.Count ? first[i] : items, i, depth + 1))];
    }

    private static JsonValue Number(JsonObject schema, int index, bool isWhole)
    {
        var (above, below) = (schema.Decimal("exclusiveMinimum"), schema.Decimal("exclusiveMaximum"));
        var (least, most) = (above ?? schema.Decimal("minimum"), below ?? schema.Decimal("maximum"));
        if ((schema.Decimal("multipleOf") ?? (isWhole ? 1 : null)) is not ({ } step and > 0))
        {
            return JsonValue.Create((double)Between(least, most, 1 + index));
        }

        least = above is null ? least : least + step;
        most = below is null ? most : most - step;
        var value = decimal.Ceiling(Math.Max(Math.Min(1m + index, most ?? decimal.MaxValue), least ?? decimal.MinValue) / step) * step;
        value = value > most ? decimal.Floor(most.Value / step) * step : value;
        return isWhole ? JsonValue.Create((long)value) : JsonValue.Create((double)value);
    }

    /// <summary>The usual number if it lies between the bounds, else one that does.</summary>
    private static decimal Between(decimal? least, decimal? most, decimal usual) => (least, most) switch
    {
        ({ } low, { } high) => usual > low && usual < high ? usual : (low + high) / 2,
        ({ } low, null) => usual > low ? usual : low + 1,
        (null, { } high) => usual < high ? usual : high - 1,
        _ => usual,
    };

    private JsonObject Merge(JsonObject schema, JsonArray parts)
    {
        var merged = (JsonObject)schema.DeepClone();
        merged.Remove("allOf");
        foreach (var part in parts.Select(part => part.Field("$ref").AsText() is { } reference ? Resolve(reference) : part).OfType<JsonObject>())
        {
            foreach (var (name, value) in part)
            {
                merged[name] = (name, merged[name], value) switch
                {
                    ("properties", JsonObject known, JsonObject more) => new JsonObject(known.Concat(more).DistinctBy(member => member.Key)
                        .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))),
                    ("required", JsonArray known, JsonArray more) => new JsonArray([.. known.Concat(more).Select(item => item?.DeepClone())]),
                    (_, { } known, _) => known.DeepClone(),
                    _ => value?.DeepClone(),
                };
            }
        }

        return merged;
    }

    /// <summary>A pointer into the whole schema: <c>#/$defs/Node</c>.</summary>
    private JsonNode? Resolve(string reference)
    {
        var at = _root;
        foreach (var part in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = at switch
            {
                JsonObject json => json[name],
                JsonArray array when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < array.Count => array[index],
                _ => null,
            };
        }

        return at;
    }
}
