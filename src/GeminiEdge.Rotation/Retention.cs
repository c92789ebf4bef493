using System.Collections.Immutable;

namespace GeminiEdge.Rotation;

/// <summary>
/// When what a command writes expires: as the operator says, or as the vault's policy demands, which its first refusal
/// teaches for the rest of the run. Where neither says anything, only OLD and what has a day of its own expire.
/// </summary>
/// <param name="expires">The day that the operator gives to all of it; it is kept to the day, or not at all.</param>
/// <param name="maxAge">The longest that the operator lets any of it live.</param>
internal sealed class Retention(DateTimeOffset? expires, TimeSpan? maxAge)
{
    /// <summary>What a version is, for a policy that wants it said and does not say how.</summary>
    private const string PlainText = "text/plain";

    /// <summary>The policy counts from the vault's clock, which may be behind.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    private Lesson _known = new(AtMost: null, AtLeast: null, IsTypeDemanded: false, IsOldTooShort: false, IsForUpdates: false);

    /// <summary>The policy is in the way of changes too, so that each has to bring what it demands.</summary>
    public bool IsForUpdates => _known.IsForUpdates;

    private TimeSpan? Longest => Lower(maxAge, _known.AtMost - Slack);

    /// <summary>Of the lock, the leaked list and emptied slots: to the edges it means nothing.</summary>
    public SecretTerms ForRecord(ImmutableDictionary<string, string> tags, string? contentType, DateTimeOffset now) =>
        Terms(tags, AnyDay(now), contentType);

    /// <summary>Of a key: the operator's day, else its own as far as that is allowed.</summary>
    public SecretTerms ForKey(ImmutableDictionary<string, string> tags, DateTimeOffset? own, string? contentType, DateTimeOffset now) =>
        Terms(tags, expires ?? Later(Earlier(own, now + Longest), own is null ? null : Soonest(now)), contentType);

    /// <summary>Of OLD, whose expiry tells the edges that its day is over. Where the policy wants a longer one, a tag tells the commands.</summary>
    public SecretTerms ForOld(ImmutableDictionary<string, string> tags, DateTimeOffset end, string? contentType, DateTimeOffset now)
    {
        var longer = Later(Soonest(now), _known.IsOldTooShort ? AnyDay(now) : null);
        return longer > end
            ? Terms(tags.SetItem(RotationTags.KeptUntil, RotationTags.Time(end)), longer, contentType)
            : Terms(tags, end, contentType);
    }

    /// <summary>Of a change to a version that is there.</summary>
    public SecretTerms ForUpdate(DateTimeOffset createdOn) => Terms(SecretTerms.None.Tags, AnyDay(createdOn), contentType: null);

    /// <summary>Takes a refusal in.</summary>
    /// <returns>Whether the same call has a chance now.</returns>
    public bool Learn(VaultFault fault)
    {
        if (fault is not { Refusal: { Kind: RefusalKind.Policy } refusal, Terms: { } refused })
        {
            return false;
        }

        var before = _known;
        var isTypeAlone = refusal.IsAboutContentType && !refusal.IsAboutExpiry;
        _known = new Lesson(
            AtMost: Lower(before.AtMost, refusal.AtMost),
            AtLeast: before.AtLeast > refusal.AtLeast ? before.AtLeast : refusal.AtLeast ?? before.AtLeast,

            // A refusal that does not say what it wants of a version with an expiry can want nothing else.
            IsTypeDemanded: before.IsTypeDemanded || (refused.ContentType is null && (refusal.IsAboutContentType || (refused.ExpiresOn is not null && !refusal.IsAboutExpiry))),
            IsOldTooShort: before.IsOldTooShort || (refused.Tags.ContainsKey(RotationTags.PromotedFrom) && !isTypeAlone),
            IsForUpdates: before.IsForUpdates || fault.IsUpdate);
        var hasDay = expires is not null || maxAge is not null || _known.AtMost is not null;
        var isWrongDay = refused.ExpiresOn == expires && (refusal.AtMost ?? refusal.AtLeast) is not null;
        return _known != before && (isTypeAlone || (refused.ExpiresOn is null ? hasDay : !isWrongDay));
    }

    private DateTimeOffset? AnyDay(DateTimeOffset from) => maxAge is null && expires is not null ? expires : from + Longest;

    private DateTimeOffset? Soonest(DateTimeOffset now) => now + _known.AtLeast + Slack;

    private SecretTerms Terms(ImmutableDictionary<string, string> tags, DateTimeOffset? expiresOn, string? contentType) => new(tags)
    {
        // As the vault keeps it.
        ExpiresOn = expiresOn is { } time ? DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds()) : null,
        ContentType = string.IsNullOrEmpty(contentType) && _known.IsTypeDemanded ? PlainText : contentType,
    };

    private static TimeSpan? Lower(TimeSpan? one, TimeSpan? other) => one < other ? one : other ?? one;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one < other ? one : other ?? one;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one > other ? one : other ?? one;

    /// <summary>What the vault's refusals have taught.</summary>
    private sealed record Lesson(TimeSpan? AtMost, TimeSpan? AtLeast, bool IsTypeDemanded, bool IsOldTooShort, bool IsForUpdates);
}
