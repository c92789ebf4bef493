using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Endpoints;

/// <summary>A valid body of <c>POST /api/generate</c>, and the upstream body made of it.</summary>
/// <param name="Model">Without <c>models/</c>.</param>
/// <param name="Stream">The answer is wanted as it is written.</param>
/// <param name="UpstreamBody">The body for generateContent; texts and generationConfig are the caller's very bytes.</param>
internal sealed record GenerateRequest(string Model, bool Stream, byte[] UpstreamBody)
{
    /// <summary>How deep JSON may be nested.</summary>
    public const int MaxDepth = 64;

    private const string HalfASurrogate = "holds half of a surrogate pair (\\ud800…\\udfff)";

    private static readonly JsonWriterOptions Raw = new() { SkipValidation = true };

    /// <summary>Reads strictly: a field that is not known is a mistake that the caller wants to hear of.</summary>
    /// <returns>The request, or a sentence that says what is wrong.</returns>
    public static (GenerateRequest? Request, string? Fault) Read(ReadOnlySpan<byte> body, string defaultModel)
    {
        if (!Utf8.IsValid(body))
        {
            return (null, "The request body is not valid UTF-8.");
        }

        try
        {
            return ReadObject(body, defaultModel);
        }
        catch (JsonException e)
        {
            var place = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
            return (null, $"The request body is not valid JSON, or is nested deeper than {MaxDepth} levels{place}.");
        }
    }

    private static (GenerateRequest? Request, string? Fault) ReadObject(ReadOnlySpan<byte> body, string defaultModel)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        ReadOnlySpan<byte> prompt = default, system = default, config = default;
        var model = defaultModel;
        var stream = false;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return (null, "The request body is a JSON object: {\"prompt\": \"…\"}.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!IsText(ref reader))
            {
                return (null, $"The name of a field {HalfASurrogate}.");
            }

            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var fault = name switch
            {
                "prompt" or "system" or "model" when reader.TokenType != JsonTokenType.String => "is a string",
                "prompt" or "system" or "model" when !IsText(ref reader) => HalfASurrogate,
                "model" when !ModelName.IsValid(reader.GetString()!) => "is the name of a model: letters, digits, dots, dashes and underscores, at most 128 of them",
                "stream" when reader.TokenType is not (JsonTokenType.True or JsonTokenType.False) => "is true or false",
                "generationConfig" when reader.TokenType != JsonTokenType.StartObject => "is an object",
                "prompt" or "system" or "model" or "stream" or "generationConfig" => null,
                _ => "is not known; the known fields are prompt, model, system, stream and generationConfig",
            };
            if (fault is not null)
            {
                return (null, $"The field '{Shorten(name)}' {fault}.");
            }

            if (name == "model")
            {
                model = ModelName.WithoutPrefix(reader.GetString()!);
            }

            stream = name == "stream" ? reader.GetBoolean() : stream;
            reader.Skip();
            var value = body[start..(int)reader.BytesConsumed];
            switch (name)
            {
                case "prompt":
                    prompt = value;
                    break;
                case "system":
                    system = value;
                    break;
                case "generationConfig":
                    config = value;
                    break;
            }
        }

        // Reading on finds what stands behind the object.
        reader.Read();
        return prompt.Trim("\" \t\r\n"u8).IsEmpty
            ? (null, "The field 'prompt' is missing or empty.")
            : (new GenerateRequest(model, stream, Compose(prompt, system, config)), null);
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return true;
        }

        try
        {
            reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Shorten(string name) => name.Length <= 64 ? name : name[..64] + "…";

    private static byte[] Compose(ReadOnlySpan<byte> prompt, ReadOnlySpan<byte> system, ReadOnlySpan<byte> config)
    {
        var body = new ArrayBufferWriter<byte>(prompt.Length + system.Length + config.Length + 128);
        using var json = new Utf8JsonWriter(body, Raw);
        json.WriteStartObject();
        if (!system.IsEmpty)
        {
            json.WriteStartObject("systemInstruction"u8);
            WriteParts(json, system);
            json.WriteEndObject();
        }

        json.WriteStartArray("contents"u8);
        json.WriteStartObject();
        json.WriteString("role"u8, "user"u8);
        WriteParts(json, prompt);
        json.WriteEndObject();
        json.WriteEndArray();
        if (!config.IsEmpty)
        {
            json.WritePropertyName("generationConfig"u8);
            json.WriteRawValue(config, skipInputValidation: true);
        }

        json.WriteEndObject();
        json.Flush();
        return body.WrittenSpan.ToArray();
    }

    private static void WriteParts(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        json.WriteStartArray("parts"u8);
        json.WriteStartObject();
        json.WritePropertyName("text"u8);
        json.WriteRawValue(text, skipInputValidation: true);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
