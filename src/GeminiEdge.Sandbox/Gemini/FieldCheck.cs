using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Looks through a request for what Google refuses before any model sees it: unknown names, and values of another type.</summary>
internal sealed class FieldCheck
{
    private const int LongestQuote = 100;

    private readonly List<(string? Field, string Description)> _violations = [];

    private FieldCheck()
    {
    }

    public static GeminiError? Check(JsonObject request, ProtoMessage message)
    {
        var check = new FieldCheck();
        check.Look(request, message, "");
        return check._violations.Count == 0 ? null : GeminiErrors.BadFields(check._violations);
    }

    private void Look(JsonObject json, ProtoMessage message, string path)
    {
        foreach (var (name, value) in json)
        {
            if (!message.TryGet(name, out var field))
            {
                if (!message.IsOpen)
                {
                    RefuseName(path, name, "Cannot find field.");
                }
            }
            else if (value is not null)
            {
                LookInto(value, field, path, JsonNamingPolicy.SnakeCaseLower.ConvertName(name), name);
            }
        }
    }

    private void LookInto(JsonNode value, ProtoField field, string parent, string snake, string name)
    {
        var path = parent.Length == 0 ? snake : $"{parent}.{snake}";
        switch (value)
        {
            case JsonArray array when field.IsRepeated:
                for (var i = 0; i < array.Count; i++)
                {
                    LookAt(array[i], field, parent, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), snake);
                }

                break;
            case JsonArray when field.Type != ProtoType.Value:
                RefuseName(parent, name, "Proto field is not repeating, cannot start list.");
                break;
            case JsonObject map when field.IsMap:
                var entry = 0;
                foreach (var (_, member) in map)
                {
                    LookAt(member, field, parent, string.Create(CultureInfo.InvariantCulture, $"{path}[{entry++}].value"), snake);
                }

                break;
            default:
                // One stands for a list of one.
                LookAt(value, field, parent, path, snake);
                break;
        }
    }

    private void LookAt(JsonNode? value, ProtoField field, string parent, string path, string snake)
    {
        switch (field.Type)
        {
            case ProtoType.Value:
                break;
            case ProtoType.Message or ProtoType.Struct when value is JsonObject json:
                if (field.Message is not null)
                {
                    Look(json, field.Message, path);
                }

                break;
            case not (ProtoType.Message or ProtoType.Struct) when value is JsonObject:
                _violations.Add((parent.Length == 0 ? null : parent, $"Invalid value at '{parent}' ({snake}), Starting an object on a scalar field"));
                break;
            default:
                if (value is not JsonValue scalar || !Fits(scalar, field))
                {
                    Refuse(path, field, value);
                }

                break;
        }
    }

    private static bool Fits(JsonValue value, ProtoField field) => (field.Type, value.GetValueKind()) switch
    {
        (ProtoType.Message or ProtoType.Struct, _) => false,
        (ProtoType.String, var kind) => kind == JsonValueKind.String,
        (ProtoType.Bool, var kind) => kind is JsonValueKind.True or JsonValueKind.False || Quoted(value) is "true" or "false",
        (ProtoType.Bytes, JsonValueKind.String) => IsBase64(Quoted(value)!),
        (ProtoType.Enum, JsonValueKind.String) => field.Names.Length == 0 || field.Names.Contains(Quoted(value), StringComparer.OrdinalIgnoreCase),
        (ProtoType.Enum, JsonValueKind.Number) => true,
        (ProtoType.Float or ProtoType.Double, JsonValueKind.Number or JsonValueKind.String) => Quoted(value) is "NaN" or "Infinity" or "-Infinity" || Number(value) is not null,
        (ProtoType.Int32, JsonValueKind.Number or JsonValueKind.String) => Number(value) is { } number && double.IsInteger(number) && number is >= int.MinValue and <= int.MaxValue,
        (ProtoType.Int64, JsonValueKind.Number or JsonValueKind.String) => Number(value) is { } number && double.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue,
        _ => false,
    };

    /// <summary>Numbers may stand in quotes, as in all of Google's JSON.</summary>
    private static double? Number(JsonValue value) =>
        double.TryParse(Quoted(value) ?? value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static string? Quoted(JsonValue value) => value.TryGetValue<string>(out var text) ? text : null;

    private static bool IsBase64(string text)
    {
        if (Base64.IsValid(text))
        {
            return true;
        }

        // The other alphabet, and without its padding.
        var standard = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        return Base64.IsValid(standard.PadRight((standard.Length + 3) / 4 * 4, '='));
    }

    private void Refuse(string path, ProtoField field, JsonNode? value)
    {
        var quote = value?.ToJsonString() ?? "null";
        quote = quote.Length > LongestQuote ? $"{quote[..LongestQuote]}..." : quote;
        _violations.Add((path, $"Invalid value at '{path}' ({field.Title}), {(field.Type == ProtoType.Bytes ? $"Base64 decoding failed for {quote}" : quote)}"));
    }

    private void RefuseName(string path, string name, string why) => _violations.Add(path.Length == 0
        ? (null, $"Invalid JSON payload received. Unknown name \"{name}\": {why}")
        : (path, $"Invalid JSON payload received. Unknown name \"{name}\" at '{path}': {why}"));
}
