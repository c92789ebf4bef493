using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

internal static class VerdictScope
{
    /// <summary>What the key can't be used for: anything, this kind of call, this model, or this model in this kind of call alone.</summary>
    public static string Of(KeyHealth health, CallScope call)
    {
        var otherKinds = Enum.GetValues<CallKind>().Except([call.Kind]).ToList();
        return health.IsAvailable(call) ? "none"
            : otherKinds.TrueForAll(kind => !health.IsAvailable(new CallScope(kind, "another"))) ? "key"
            : !health.IsAvailable(call with { Model = "another" }) ? "kind"
            : otherKinds.Exists(kind => !health.IsAvailable(call with { Kind = kind })) ? "key_model"
            : "key_model_kind";
    }
}
