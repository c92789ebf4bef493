namespace GeminiEdge.Failover.Forwarding;

/// <summary>Judges the path of a native request as it stands on the wire, before anyone decodes it.</summary>
internal static class NativePath
{
    public const string Upload = "/upload/";
    public const string Download = "/download/";

    private static readonly string[] Prefixes = ["/v1beta/", "/v1/", "/v1alpha/", Download, Upload];

    /// <summary>It begins, letter for letter, as one of the upstream's own paths does.</summary>
    public static bool IsNative(string path)
    {
        foreach (var prefix in Prefixes)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Somebody on the way could decode or normalise it into another path.</summary>
    public static bool IsAmbiguous(ReadOnlySpan<char> path)
    {
        if (path.Contains("//", StringComparison.Ordinal) || path.ContainsAny(';', '\\'))
        {
            return true;
        }

        foreach (var range in path.Split('/'))
        {
            if (IsAmbiguousSegment(path[range]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAmbiguousSegment(ReadOnlySpan<char> segment)
    {
        if (segment is "." or "..")
        {
            return true;
        }

        if (!segment.Contains('%'))
        {
            return false;
        }

        var once = Uri.UnescapeDataString(segment);
        var twice = Uri.UnescapeDataString(once);
        return IsTrick(once) || IsTrick(twice);

        static bool IsTrick(string decoded) => decoded is "." or ".." || decoded.AsSpan().ContainsAny('/', '\\');
    }
}
