namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Where a redirect leads, if it may be followed inside the edge. Callers never see one: an SDK would send its key of the
/// edge to wherever the upstream points.
/// </summary>
internal static class Redirect
{
    /// <summary>How many are followed, one after the other.</summary>
    public const int Most = 3;

    /// <summary>An answer that points elsewhere; 308 without an address is the upload protocol's word for "go on".</summary>
    public static bool Is(HttpResponseMessage response) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.NonValidated.Contains("Location");

    /// <summary>Path and query of the next request, below the upstream's own address and without credentials; null when it isn't followed.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="from">Path and query that it answers.</param>
    /// <param name="baseUrl">The upstream.</param>
    public static string? Target(HttpResponseMessage response, string from, string baseUrl)
    {
        if (!Is(response) || !response.Headers.NonValidated.TryGetValues("Location", out var values) || values.Count != 1
            || RawAddress.Parse(values.ToString()) is not { } address || address is (null, "", ""))
        {
            return null;
        }

        var path = address.Origin is null && !address.Path.StartsWith('/') ? Beside(from, address.Path) : address.PathBelow(baseUrl);
        return path is not null && NativePath.IsNative(path) && !path.StartsWith(NativePath.Upload, StringComparison.Ordinal) && !NativePath.IsAmbiguous(path)
            ? path + CredentialQuery.Strip(address.Query)
            : null;
    }

    private static string Beside(string from, string relative)
    {
        var path = from.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? from[..query] : from;
        return relative.Length == 0 ? path : path[..(path.LastIndexOf('/') + 1)] + relative;
    }
}
