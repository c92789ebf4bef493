namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// An address in an answer's header, taken apart as it stands. <see cref="Uri"/> would resolve its dots and unescape it
/// before anybody could judge it.
/// </summary>
/// <param name="Origin">As <c>https://host:port</c>; null in an address without one.</param>
/// <param name="Path">Raw; without a slash at its beginning, or empty, in an address that is relative to a path.</param>
/// <param name="Query">Empty, or with its question mark.</param>
internal readonly record struct RawAddress(string? Origin, string Path, string Query)
{
    /// <summary>Null when it holds what no address may hold, or is none of HTTP's.</summary>
    public static RawAddress? Parse(string text)
    {
        var fragment = text.IndexOf('#', StringComparison.Ordinal);
        text = fragment < 0 ? text : text[..fragment];
        if (text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return null;
        }

        var start = 0;
        if (text.IndexOfAny([':', '/', '?']) is >= 0 and var end && text[end] == ':')
        {
            if (!text.AsSpan(end).StartsWith("://"))
            {
                return null;
            }

            var path = text.AsSpan(end + 3).IndexOfAny('/', '?', '\\');
            start = path < 0 ? text.Length : end + 3 + path;
        }

        var query = text.IndexOf('?', start);
        query = query < 0 ? text.Length : query;
        return new RawAddress(start == 0 ? null : text[..start], text[start..query], text[query..]);
    }

    /// <summary>The path below a base address of the same origin, or without any origin; null when it isn't there.</summary>
    /// <param name="baseUrl">The base, without a slash at its end; it may have a path of its own.</param>
    public string? PathBelow(string baseUrl)
    {
        var (origin, prefix, _) = Parse(baseUrl)!.Value;
        return (Origin is null || IsSame(Origin, origin!)) && Path.StartsWith(prefix, StringComparison.Ordinal) ? Path[prefix.Length..] : null;
    }

    private static bool IsSame(string origin, string other) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var a) && Uri.TryCreate(other, UriKind.Absolute, out var b) && a.UserInfo.Length == 0
        && Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
}
