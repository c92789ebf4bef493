using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Keys;

/// <summary>A key's health as a chat with one model sees it, which is what most tests are about.</summary>
internal static class ChatCalls
{
    public static CallScope Chat(string model) => new(CallKind.Generate, model);

    public static bool IsAvailable(this KeyHealth health, string model) => health.IsAvailable(Chat(model));

    public static bool IsCandidate(this KeyHealth health, string model) => health.IsCandidate(Chat(model));

    public static KeyPass? TryBegin(this KeyHealth health, string model) => health.TryBegin(Chat(model));

    public static KeyPass? TryBeginLastResort(this KeyHealth health, string model) => health.TryBeginLastResort(Chat(model));

    public static KeyPass? TryBeginAnyway(this KeyHealth health, string model) => health.TryBeginAnyway(Chat(model));

    public static KeyState StateFor(this KeyHealth health, string model) => health.StateFor(Chat(model));

    public static TimeSpan? Rest(this KeyHealth health, string model) => health.Rest(Chat(model));

    public static Verdict? Cause(this KeyHealth health, string model) => health.Cause(Chat(model));
}
