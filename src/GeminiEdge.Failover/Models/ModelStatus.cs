using System.Text.Json;

namespace GeminiEdge.Failover.Models;

/// <summary>How far a model's end is, in Google's words.</summary>
internal enum ModelStage
{
    /// <summary>Not said, or not near: experimental, preview, stable.</summary>
    Current,

    /// <summary>On its way out: only those who use it already may go on.</summary>
    Legacy,
    Deprecated,
    Retired,
}

/// <summary><c>modelStatus</c> of an answer: its model's stage, and when it goes.</summary>
internal readonly record struct ModelStatus(ModelStage Stage, DateTimeOffset? RetiresAt)
{
    /// <summary>An end that is farther away is no news. Google gives a year's notice of some models.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromDays(60);

    /// <summary>The stage as logs show it; null while it is none of those that end.</summary>
    public string? StageName => Stage switch
    {
        ModelStage.Legacy => "legacy",
        ModelStage.Deprecated => "deprecated",
        ModelStage.Retired => "retired",
        _ => null,
    };

    public bool IsEnding(DateTimeOffset now) => Stage != ModelStage.Current || RetiresAt - now <= Soon;

    /// <summary>Reads the object that the bytes begin with.</summary>
    public static ModelStatus Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return ReadObject(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is half a surrogate pair.
            return default;
        }
    }

    private static ModelStatus ReadObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var status = default(ModelStatus);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isStage, isTime) = (reader.ValueTextEquals("modelStage"u8), reader.ValueTextEquals("retirementTime"u8));
            reader.Read();
            if (isStage && reader.TokenType == JsonTokenType.String)
            {
                status = status with { Stage = StageOf(ref reader) };
            }
            else if (isTime && reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time))
            {
                status = status with { RetiresAt = time };
            }

            reader.Skip();
        }

        return status;
    }

    private static ModelStage StageOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("LEGACY"u8) ? ModelStage.Legacy
        : reader.ValueTextEquals("DEPRECATED"u8) ? ModelStage.Deprecated
        : reader.ValueTextEquals("RETIRED"u8) ? ModelStage.Retired
        : ModelStage.Current;
}
