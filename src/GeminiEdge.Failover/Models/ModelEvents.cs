using GeminiEdge.Failover.Keys;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Models;

/// <summary>What is told of models. The events' names and fields are a public interface: alerts query them.</summary>
internal static partial class ModelEvents
{
    public static void Tell(this ILogger log, ModelNews news, KeyMask mask)
    {
        var model = mask.Clean(news.Model);
        switch (news)
        {
            case ModelChanged changed:
                ModelChanged(log, model, mask.Clean(changed.From), mask.Clean(changed.To), news.KeyId);
                break;
            case ModelPinBroken broken:
                ModelPinBroken(log, model, mask.Clean(broken.Pinned), mask.Clean(broken.Version), news.KeyId);
                break;
            case ModelRetiring retiring:
                ModelRetiring(log, model, retiring.Version is null ? null : mask.Clean(retiring.Version), retiring.Status.StageName, retiring.Status.RetiresAt?.UtcDateTime.ToString("O"), news.KeyId);
                break;
            case ModelRetired retired:
                ModelRetired(log, model, retired.Fallback is null ? null : mask.Clean(retired.Fallback), news.KeyId, retired.Status);
                break;
        }
    }

    [LoggerMessage(EventName = "model_changed", Level = LogLevel.Warning, Message = "{model} was {from} and is {to} now, as {key_id} was answered.")]
    private static partial void ModelChanged(ILogger log, string model, string from, string to, string key_id);

    [LoggerMessage(EventName = "model_pin_broken", Level = LogLevel.Error, Message = "{model} is to be {pinned} by GEMINI_MODEL_PINS, but {version} answered {key_id}.")]
    private static partial void ModelPinBroken(ILogger log, string model, string pinned, string version, string key_id);

    [LoggerMessage(EventName = "model_retiring", Level = LogLevel.Warning, Message = "Google says that {model} ({version}) goes: {stage}, until {retires_at}, as {key_id} was answered.")]
    private static partial void ModelRetiring(ILogger log, string model, string? version, string? stage, string? retires_at, string key_id);

    [LoggerMessage(EventName = "model_retired", Level = LogLevel.Error, Message = "{model} answered within the last day and is gone; asked instead: {fallback}. {key_id} got {status}.")]
    private static partial void ModelRetired(ILogger log, string model, string? fallback, string key_id, int status);
}
