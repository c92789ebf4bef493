using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Telemetry;

/// <summary>The words of OpenTelemetry's conventions for generative AI, and the edge's own beside them: a public interface.</summary>
internal static class GenAi
{
    public const string OperationName = "gen_ai.operation.name";
    public const string ProviderName = "gen_ai.provider.name";
    public const string Provider = "gcp.gemini";
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string TokenType = "gen_ai.token.type";
    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string Status = "http.response.status_code";
    public const string RequestId = "gemini_edge.request_id";
    public const string Slot = "gemini_edge.slot";
    public const string KeyId = "gemini_edge.key_id";
    public const string KeyVersion = "gemini_edge.key_version";
    public const string KeyState = "gemini_edge.key.state";
    public const string Verdict = "gemini_edge.verdict";
    public const string Next = "gemini_edge.next";
    public const string Attempt = "gemini_edge.attempt";
    public const string Round = "gemini_edge.round";
    public const string Hedge = "gemini_edge.hedge";
    public const string Waited = "gemini_edge.waited_ms";
    public const string Cooldown = "gemini_edge.cooldown_s";
    public const string FallbackFrom = "gemini_edge.fallback_from";
    public const string Reason = "gemini_edge.reason";

    /// <summary>What an attempt asked Google to do: where the conventions have no word, the edge's own.</summary>
    public static string Operation(in AttemptRecord attempt) => attempt.Kind switch
    {
        CallKind.Generate or CallKind.Grounded => "generate_content",
        CallKind.Embed => "embeddings",
        CallKind.OpenAi => attempt.Method == "openai.embeddings" ? "embeddings" : "chat",
        CallKind.Count => "count_tokens",
        _ => attempt.Kind.Name(),
    };

    /// <summary>Why an attempt has no answer: its verdict; null for one that has.</summary>
    public static string? Error(in AttemptRecord attempt) =>
        attempt.Verdict == Verdicts.Verdict.Ok ? null : Consequence.Of(attempt.Verdict).Name;
}
