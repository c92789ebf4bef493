using System.Text.Json;
using System.Text.Unicode;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Models;

namespace GeminiEdge.Endpoints;

/// <summary>A valid body of <c>POST /api/generate</c>, and the upstream body that is made of it.</summary>
/// <param name="Model">Without <c>models/</c>.</param>
/// <param name="Stream">The answer is wanted as it is written.</param>
internal sealed record GenerateRequest(string Model, bool Stream)
{
    // Where the caller's own values stand in its body: they go on byte for byte, and are never copied into texts.
    private readonly Range _prompt;
    private readonly Range _system;
    private readonly Range _config;

    private GenerateRequest(string model, bool stream, Range prompt, Range system, Range config)
        : this(model, stream) => (_prompt, _system, _config) = (prompt, system, config);

    private const int Pieces = 9;

    /// <summary>How deep JSON may be nested.</summary>
    public const int MaxDepth = 64;

    private const string HalfASurrogate = "holds half of a surrogate pair (\\ud800…\\udfff)";

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
        Range prompt = default, system = default, config = default;
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
            var value = start..(int)reader.BytesConsumed;
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
        return body[prompt].Trim("\" \t\r\n"u8).IsEmpty
            ? (null, "The field 'prompt' is missing or empty.")
            : (new GenerateRequest(model, stream, prompt, system, config), null);
    }

    private static bool IsText(ref Utf8JsonReader reader) => !reader.ValueIsEscaped || !JsonText.HasHalfPair(reader.ValueSpan);

    private static string Shorten(string name) => name.Length <= 64 ? name : name[..64] + "…";

    /// <summary>Makes the body for generateContent of the caller's.</summary>
    /// <returns>The body, or null when there is no room for it beside the caller's.</returns>
    public RequestBody? Compose(RequestBody from, MemoryBudget budget)
    {
        var length = 0;
        for (var number = 0; number < Pieces; number++)
        {
            length += Piece(number, from.Memory.Span).Length;
        }

        return RequestBody.TryWrite(length, budget, (Request: this, From: from), static (to, made) =>
        {
            for (var number = 0; number < Pieces; number++)
            {
                var piece = made.Request.Piece(number, made.From.Memory.Span);
                piece.CopyTo(to);
                to = to[piece.Length..];
            }
        });
    }

    /// <summary>The body for generateContent, in pieces that follow each other.</summary>
    private ReadOnlySpan<byte> Piece(int number, ReadOnlySpan<byte> body)
    {
        var hasSystem = !_system.Equals(default);
        var hasConfig = !_config.Equals(default);
        return number switch
        {
            0 => hasSystem ? """{"systemInstruction":{"parts":[{"text":"""u8 : "{"u8,
            1 => hasSystem ? body[_system] : default,
            2 => hasSystem ? "}]},"u8 : default,
            3 => "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"u8,
            4 => body[_prompt],
            5 => "}]}]"u8,
            6 => hasConfig ? ""","generationConfig":"""u8 : default,
            7 => hasConfig ? body[_config] : default,
            _ => "}"u8,
        };
    }
}
