using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Interleavings.Keys;

/// <summary>Keys, calls and answers that many scenarios need.</summary>
internal static class SomeKeys
{
    public static readonly CallScope Chat = new(CallKind.Generate, "a-model");

    /// <summary>Google doesn't know the key.</summary>
    public static readonly UpstreamFailure Invalid = new(400, new UpstreamError { Reason = "API_KEY_INVALID" });

    /// <summary>Google knows the key as leaked.</summary>
    public static readonly UpstreamFailure Leaked = new(403, UpstreamError.Unreadable);

    public static ApiKey Named(string name) => ApiKey.Create($"a-key-of-no-use-named-{name}").Key!;

    public static UpstreamFailure? FailureOf(Verdict verdict) => verdict switch
    {
        Verdict.KeyInvalid => Invalid,
        Verdict.KeyLeaked => Leaked,
        _ => null,
    };
}
