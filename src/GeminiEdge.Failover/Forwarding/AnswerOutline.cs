using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>A large answer without what makes it large, so that it can be read like any other.</summary>
/// <param name="Json">The answer; each text in it is a number, and whatever else is long is empty.</param>
/// <param name="Texts">The texts by their numbers, as they are written between their quotes.</param>
internal sealed record AnswerOutline(ReadOnlyMemory<byte> Json, ImmutableArray<ReadOnlyMemory<byte>> Texts)
{
    private const int Long = 16 << 10;

    private static readonly JsonWriterOptions Raw = new() { SkipValidation = true };

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static AnswerOutline Of(ReadOnlyMemory<byte> answer)
    {
        var texts = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        var outline = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(outline, Raw);
        var reader = new Utf8JsonReader(answer.Span, new JsonReaderOptions { MaxDepth = AnswerPiece.MaxDepth });
        var isText = false;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    json.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    json.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    json.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    json.WriteEndArray();
                    break;
                case JsonTokenType.PropertyName:
                    json.WritePropertyName(reader.GetString()!);
                    isText = reader.ValueTextEquals("text"u8);
                    continue;
                case JsonTokenType.String when isText:
                    json.WriteStringValue(texts.Count.ToString(CultureInfo.InvariantCulture));
                    texts.Add(answer.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length));
                    break;
                case JsonTokenType.String when reader.ValueSpan.Length > Long:
                    json.WriteStringValue("");
                    break;
                default:
                    json.WriteRawValue(answer.Span[(int)reader.TokenStartIndex..(int)reader.BytesConsumed], skipInputValidation: true);
                    break;
            }

            isText = false;
        }

        json.Flush();
        return new AnswerOutline(outline.WrittenMemory, texts.ToImmutable());
    }
}
