namespace GeminiEdge.Failover;

/// <summary>What a model answered.</summary>
/// <param name="Text">The text, without the model's thoughts; "" for a blocked prompt.</param>
/// <param name="Model">The version of the model that answered, if Google says so.</param>
/// <param name="FinishReason">Why the text ends, as <c>STOP</c> or <c>MAX_TOKENS</c>.</param>
/// <param name="BlockReason">Why the prompt was not answered at all; null when it was.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="OutputTokens">Tokens of the answer, its thoughts included.</param>
/// <param name="KeyId">The last four characters of the key that answered.</param>
public sealed record GeneratedText(
    string Text, string? Model, string? FinishReason, string? BlockReason, long? PromptTokens, long? OutputTokens, string KeyId)
{
    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
