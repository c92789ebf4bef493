using System.Collections.Immutable;

namespace GeminiEdge.Failover.Verdicts;

/// <summary>
/// Which kinds of call a quota meters, by what its metric and its id are called: the first row that matches decides. A
/// quota that isn't known meters the kind that was refused, and no other.
/// </summary>
internal static class QuotaMeter
{
    private static readonly ImmutableArray<(string[] Words, CallKinds Kinds)> Rows =
    [
        (["embed"], CallKinds.Of(CallKind.Embed, CallKind.OpenAi)),
        (["batch"], CallKinds.Of(CallKind.Batch)),
        (["ground", "google_search", "googlesearch", "google_maps", "googlemaps", "websearch", "web_search"], CallKinds.Of(CallKind.Grounded)),
        (["count_token", "counttoken"], CallKinds.Of(CallKind.Count)),
        (["cached_content", "cachedcontent"], CallKinds.Of(CallKind.Cache)),
        (["generate_content", "generatecontent", "generate_requests", "generaterequests"],
            CallKinds.Of(CallKind.Generate, CallKind.Grounded, CallKind.OpenAi)),
        (["interaction"], CallKinds.Of(CallKind.Interaction)),
        (["predict", "imagen", "veo", "generate_image", "generateimage", "generate_video", "generatevideo"], CallKinds.Of(CallKind.Media)),
        (["file"], CallKinds.Of(CallKind.File)),
    ];

    /// <param name="quotas">The violated quotas; none when Google gives no details.</param>
    /// <param name="refused">The kind of call that was refused: it is always among the metered ones.</param>
    public static CallKinds Of(ImmutableArray<QuotaViolation> quotas, CallKind refused)
    {
        var kinds = CallKinds.Of(refused);
        foreach (var quota in quotas)
        {
            kinds |= Of(quota);
        }

        return kinds;
    }

    private static CallKinds Of(QuotaViolation quota)
    {
        foreach (var (words, kinds) in Rows)
        {
            if (words.Any(word => quota.Metric.Contains(word, StringComparison.OrdinalIgnoreCase) || quota.Id.Contains(word, StringComparison.OrdinalIgnoreCase)))
            {
                return kinds;
            }
        }

        return default;
    }
}
