using System.Collections.Immutable;

namespace GeminiEdge.Failover.Models;

/// <summary>
/// What is remembered of one model: the versions that answered for it, where it has answered, and what was told.
/// </summary>
/// <remarks>
/// While an alias moves, answers of both versions come mixed for hours. A version is told at its first answer, and again only
/// when the one told last hasn't answered for ten minutes: so a move is one event, and one that is taken back another. Between
/// two of them lies at least a minute; what is held back that long is told by its next answer. An answer like the last one
/// takes no lock: it reads, and notes the time.
/// </remarks>
internal sealed class KnownModel(string name, string? pin, TimeProvider time)
{
    /// <summary>A version that has been silent for that long has gone.</summary>
    public static readonly TimeSpan Gone = TimeSpan.FromMinutes(10);

    /// <summary>Two changes are told at least that far apart.</summary>
    public static readonly TimeSpan BetweenChanges = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    // An alias has two while it moves; what comes on top of eight replaces the one that answered longest ago.
    private const int MostVersions = 8;

    private const long Never = long.MinValue;

    private readonly Lock _lock = new();
    private volatile ModelVersion[] _versions = [];
    private volatile Place[] _places = [];
    private volatile ModelVersion? _told;
    private long _changeToldAt = Never;
    private long _retiringToldAt = Never;
    private long _retiredToldAt = Never;
    private long _answeredAt;

    /// <summary>When it answered last, as a timestamp.</summary>
    public long AnsweredAt => Volatile.Read(ref _answeredAt);

    /// <summary>The version with these bytes, if it has answered before.</summary>
    public ModelVersion? Find(ReadOnlySpan<byte> utf8)
    {
        foreach (var version in _versions)
        {
            if (version.Is(utf8))
            {
                return version;
            }
        }

        return null;
    }

    /// <summary>What is remembered, for whoever looks at it.</summary>
    public ModelSeen Look()
    {
        var (now, at) = (time.GetUtcNow(), time.GetTimestamp());
        return new ModelSeen(
            name, pin, now - time.GetElapsedTime(AnsweredAt, at),
            [.. _versions.OrderByDescending(version => version.SeenAt).Select(version => new VersionSeen(version.Text, now - time.GetElapsedTime(version.SeenAt, at)))]);
    }

    /// <summary>It has answered.</summary>
    /// <returns>What is to be told; mostly nothing.</returns>
    public ImmutableArray<ModelNews> Answered(ModelCall call, ModelSaid said, string keyId)
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref _answeredAt, now);
        if (PlaceOf(call) is { } place)
        {
            place.AnsweredAt = now;
            if (IsNoNews(said, now))
            {
                said.Version?.SeenAt = now;
                return [];
            }
        }

        lock (_lock)
        {
            return Note_NeedsLock(call, said, keyId, now);
        }
    }

    /// <summary>The upstream says that there is no such model: news where it has answered within a day, once a day.</summary>
    public bool IsMissedFirst(ModelCall call)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (PlaceOf(call) is not { } place || time.GetElapsedTime(place.AnsweredAt, now) > Day || !IsOver(_retiredToldAt, Day, now))
            {
                return false;
            }

            _retiredToldAt = now;
            return true;
        }
    }

    private bool IsNoNews(ModelSaid said, long now) =>
        (said.Version is not { } version || (version.IsTold && !BreaksPin(version) && (version == _told || !HasGone(_told, now))))
        && !IsRetiringNews(said, now);

    private ImmutableArray<ModelNews> Note_NeedsLock(ModelCall call, ModelSaid said, string keyId, long now)
    {
        if (PlaceOf(call) is null)
        {
            _places = [.. _places, new Place(call.Api.ToString(), call.Method) { AnsweredAt = now }];
        }

        ImmutableArray<ModelNews> news = [];
        if (said.Version is { } named)
        {
            var version = Adopt_NeedsLock(named);
            if (BreaksPin(version))
            {
                version.IsPinTold = true;
                news = news.Add(new ModelPinBroken(name, keyId, pin!, version.Text));
            }

            if (IsChange_NeedsLock(version, now))
            {
                news = _told is { } before ? news.Add(new ModelChanged(name, keyId, before.Text, version.Text)) : news;
                Tell_NeedsLock(version, now);
            }

            version.SeenAt = now;
        }

        if (IsRetiringNews(said, now))
        {
            Volatile.Write(ref _retiringToldAt, now);
            news = news.Add(new ModelRetiring(name, keyId, said.Version?.Text, said.Status!.Value));
        }

        return news;
    }

    private bool BreaksPin(ModelVersion version) => pin is not null && !version.IsPinTold && !version.Text.Equals(pin, StringComparison.Ordinal);

    private bool IsRetiringNews(ModelSaid said, long now) =>
        said.Status is { } status && IsOver(Volatile.Read(ref _retiringToldAt), Day, now) && status.IsEnding(time.GetUtcNow());

    private bool HasGone(ModelVersion? version, long now) => version is null || time.GetElapsedTime(version.SeenAt, now) > Gone;

    private bool IsChange_NeedsLock(ModelVersion version, long now) =>
        version != _told && (!version.IsTold || HasGone(_told, now)) && IsOver(_changeToldAt, BetweenChanges, now);

    private void Tell_NeedsLock(ModelVersion version, long now)
    {
        // The first version of all is no change, and none waits for it.
        _changeToldAt = _told is null ? Never : now;
        (version.IsTold, version.SeenAt, _told) = (true, now, version);
        if (version.Text.Equals(pin, StringComparison.Ordinal))
        {
            // It is as it should be again: what breaks it next is news.
            foreach (var other in _versions)
            {
                other.IsPinTold = false;
            }
        }
    }

    private ModelVersion Adopt_NeedsLock(ModelVersion version)
    {
        var known = _versions.FirstOrDefault(other => other.Text.Equals(version.Text, StringComparison.Ordinal));
        if (known is not null)
        {
            return known;
        }

        var kept = _versions.Length < MostVersions ? _versions : [.. _versions.Where(other => other == _told || other != Oldest())];
        _versions = [.. kept, version];
        return version;

        ModelVersion Oldest() => _versions.Where(other => other != _told).MinBy(other => other.SeenAt)!;
    }

    private Place? PlaceOf(ModelCall call)
    {
        foreach (var place in _places)
        {
            if (place.Method.Equals(call.Method, StringComparison.Ordinal) && call.Api.SequenceEqual(place.Api))
            {
                return place;
            }
        }

        return null;
    }

    private bool IsOver(long since, TimeSpan length, long now) => since == Never || time.GetElapsedTime(since, now) >= length;

    /// <summary>A method in one version of the API: few there are of both.</summary>
    private sealed class Place(string api, string method)
    {
        public string Api => api;

        public string Method => method;

        public long AnsweredAt { get; set; }
    }
}
