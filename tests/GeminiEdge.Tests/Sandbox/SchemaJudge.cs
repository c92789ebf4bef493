using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Sandbox;

/// <summary>Whether JSON fits a schema, by the few keywords that the tests use: not the sandbox's idea of them.</summary>
internal static class SchemaJudge
{
    public static bool Fits(JsonNode? value, JsonNode? schema) => Fits(value, schema, schema);

    private static bool Fits(JsonNode? value, JsonNode? schema, JsonNode? root)
    {
        if (schema is not JsonObject json)
        {
            return schema is null || schema.GetValue<bool>();
        }

        if (json["$ref"]?.GetValue<string>() is { } reference)
        {
            return Fits(value, reference.Split('/')[1..].Aggregate(root, (at, name) => at![name]), root);
        }

        if (value is null && json["nullable"]?.GetValue<bool>() == true)
        {
            return true;
        }

        return json.All(rule => rule.Key switch
        {
            "type" => (rule.Value is JsonArray types ? types : [rule.Value!.DeepClone()]).Any(type => IsOf(value, type!.GetValue<string>())),
            "enum" => rule.Value!.AsArray().Any(choice => JsonNode.DeepEquals(choice, value)),
            "const" => JsonNode.DeepEquals(rule.Value, value),
            "required" => rule.Value!.AsArray().All(name => value is not JsonObject members || members.ContainsKey(name!.GetValue<string>())),
            "properties" => value is not JsonObject of || rule.Value!.AsObject().All(property => !of.ContainsKey(property.Key) || Fits(of[property.Key], property.Value, root)),
            "items" => value is not JsonArray list || list.All(item => Fits(item, rule.Value, root)),
            "minItems" => value is not JsonArray least || least.Count >= Number(rule.Value),
            "maxItems" => value is not JsonArray most || most.Count <= Number(rule.Value),
            "anyOf" or "oneOf" => rule.Value!.AsArray().Any(choice => Fits(value, choice, root)),
            "allOf" => rule.Value!.AsArray().All(part => Fits(value, part, root)),
            "minimum" => Number(value) >= Number(rule.Value),
            "maximum" => Number(value) <= Number(rule.Value),
            "exclusiveMinimum" => Number(value) > Number(rule.Value),
            "multipleOf" => Number(value) % Number(rule.Value) == 0,
            "minLength" => value!.GetValue<string>().Length >= Number(rule.Value),
            "maxLength" => value!.GetValue<string>().Length <= Number(rule.Value),
            "pattern" => Regex.IsMatch(value!.GetValue<string>(), rule.Value!.GetValue<string>()),
            "format" => HasFormat(value, rule.Value!.GetValue<string>()),
            _ => true,
        });
    }

    private static bool IsOf(JsonNode? value, string type) => (type.ToUpperInvariant(), value?.GetValueKind()) switch
    {
        ("NULL", null) => true,
        ("OBJECT", JsonValueKind.Object) or ("ARRAY", JsonValueKind.Array) or ("STRING", JsonValueKind.String) or ("NUMBER", JsonValueKind.Number) => true,
        ("BOOLEAN", JsonValueKind.True or JsonValueKind.False) => true,
        ("INTEGER", JsonValueKind.Number) => double.IsInteger(Number(value)),
        _ => false,
    };

    private static double Number(JsonNode? value) =>
        double.Parse(value!.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    private static bool HasFormat(JsonNode? value, string format) => format switch
    {
        "date-time" => DateTimeOffset.TryParse(value!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParse(value!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture, out _),
        "uuid" => Guid.TryParse(value!.GetValue<string>(), out _),
        "email" => value!.GetValue<string>().Contains('@', StringComparison.Ordinal),
        "uri" => Uri.TryCreate(value!.GetValue<string>(), UriKind.Absolute, out _),
        _ => true,
    };
}
