using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Support;

/// <summary>An attempt with every field that a log can have, by a key of the alphabet's letters.</summary>
internal static class SampleAttempt
{
    public static AttemptRecord Full() => new()
    {
        Key = new RingKey(KeySlot.Primary, ApiKey.Create("abcdefghijklmnopqrstuvwxyz").Key!, "v7", new KeyHealth(TimeProvider.System)),
        RequestId = "r-1",
        Attempt = 2,
        Method = "generateContent",
        Kind = CallKind.Grounded,
        Model = "gemini-flash-latest",
        Verdict = Verdict.QuotaMinute,
        Network = NetworkFault.Reset,
        Next = NextAction.NextKey,
        Status = 429,
        GoogleStatus = "RESOURCE_EXHAUSTED",
        Duration = TimeSpan.FromSeconds(1.5),
        TimeToFirstByte = TimeSpan.FromMilliseconds(250),
        Streamed = true,
        Cooldown = TimeSpan.FromSeconds(20.3),
        FallbackFrom = "gemini-pro-latest",
        Round = 2,
        Hedged = true,
        Waited = TimeSpan.FromSeconds(2),
        Hops = 1,
        PromptTokens = 3,
        OutputTokens = 5,
    };
}
