using System.Text.Json;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Endpoints;

/// <summary>The fields of an answer of <c>/api/generate</c> besides its text.</summary>
internal static class GenerateEnd
{
    public static void WriteEnd(this GeminiAnswer answer, Utf8JsonWriter json)
    {
        json.WriteString("model"u8, answer.Model);
        json.WriteString("finishReason"u8, answer.FinishReason);
        if (answer.FinishMessage is not null)
        {
            json.WriteString("finishMessage"u8, answer.FinishMessage);
        }

        if (answer.BlockReason is not null)
        {
            json.WriteString("blockReason"u8, answer.BlockReason);
        }

        json.WriteStartObject("usage"u8);
        json.WriteNumber("promptTokens"u8, answer.PromptTokens.GetValueOrDefault());
        json.WriteNumber("outputTokens"u8, answer.OutputTokens.GetValueOrDefault());
        json.WriteNumber("totalTokens"u8, answer.TotalTokens.GetValueOrDefault());
        json.WriteEndObject();
    }
}
