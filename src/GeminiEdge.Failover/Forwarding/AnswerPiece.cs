using System.Text.Json;
using GeminiEdge.Failover.Models;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What one piece of an answer says, as far as failover and the log have to know.</summary>
internal readonly record struct AnswerPiece
{
    /// <summary>It is a JSON object from its first character to its last.</summary>
    public bool IsReadable { get; init; }

    /// <summary>It is an error in the place of an answer.</summary>
    public bool IsError { get; init; }

    public long? PromptTokens { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>Where it says which model answered.</summary>
    public ModelMark Model { get; init; }

    /// <summary>How deep answers may be nested: a model fills in arguments of any depth.</summary>
    public const int MaxDepth = 512;

    public static AnswerPiece Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return ReadObject(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name that is half a surrogate pair.
            return default;
        }
    }

    private static AnswerPiece ReadObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return default;
        }

        var piece = new AnswerPiece { IsReadable = true };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                piece = piece with { IsError = piece.IsError || reader.TokenType == JsonTokenType.StartObject };
                reader.Skip();
            }
            else if (reader.ValueTextEquals("usageMetadata"u8) || reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                piece = ReadUsage(piece, ref reader);
            }
            else
            {
                piece = piece with { Model = ReadModel(piece.Model, ref reader) };
                reader.Skip();
            }
        }

        // Reading on finds garbage behind the object.
        return reader.Read() ? default : piece;
    }

    private static ModelMark ReadModel(ModelMark model, ref Utf8JsonReader reader)
    {
        var (isVersion, isName, isStatus) = (reader.ValueTextEquals("modelVersion"u8), reader.ValueTextEquals("model"u8), reader.ValueTextEquals("modelStatus"u8));
        reader.Read();
        if (isStatus && reader.TokenType == JsonTokenType.StartObject)
        {
            return model with { StatusAt = (int)reader.TokenStartIndex };
        }

        // No version has a letter that JSON would have to escape.
        var text = reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped ? ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length) : default;
        return isVersion ? model with { Version = text } : isName ? model with { Name = text } : model;
    }

    private static AnswerPiece ReadUsage(AnswerPiece piece, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return piece;
        }

        long? prompt = null, output = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPrompt = reader.ValueTextEquals("promptTokenCount"u8) || reader.ValueTextEquals("prompt_tokens"u8)
                || reader.ValueTextEquals("total_input_tokens"u8);
            var isOutput = reader.ValueTextEquals("candidatesTokenCount"u8) || reader.ValueTextEquals("thoughtsTokenCount"u8)
                || reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("total_output_tokens"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count))
            {
                prompt = isPrompt ? count : prompt;
                output = isOutput ? count + output.GetValueOrDefault() : output;
            }

            reader.Skip();
        }

        return piece with { PromptTokens = prompt ?? piece.PromptTokens, OutputTokens = output ?? piece.OutputTokens };
    }
}
