using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Where an answer says that an upload goes on. The upstream's own address goes to no caller: whoever sent bytes there would
/// send its credential along, and pass by the edge.
/// </summary>
internal static class UploadAddress
{
    private const string OldStyle = "Location";

    /// <summary>The headers that name it: of the upload protocol, and of the older one with <c>uploadType=resumable</c>.</summary>
    public static readonly ImmutableArray<string> Headers = ["x-goog-upload-url", "x-goog-upload-control-url", OldStyle];

    /// <summary>The address in this header, as path and query below the upstream's, signed; null when there is none that the edge could go on with.</summary>
    public static string? Of(string header, Attempt attempt, ForwardRequest request, string baseUrl, TimeProvider time)
    {
        if ((header == OldStyle && request.Call.Upload == UploadPhase.None)
            || !attempt.Response!.Headers.NonValidated.TryGetValues(header, out var values) || values.Count != 1)
        {
            return null;
        }

        var key = attempt.Key.Key;
        return Signed(values.ToString(), baseUrl, key, Expiry(request.Ticket, key, time.GetUtcNow()));
    }

    /// <summary>Such an address of the upstream's, signed by the key.</summary>
    public static string? Signed(string text, string baseUrl, ApiKey key, DateTimeOffset expires)
    {
        if (RawAddress.Parse(text) is not { } address)
        {
            return null;
        }

        var path = address.PathBelow(baseUrl) ?? address.Path;
        return path.StartsWith(NativePath.Upload, StringComparison.Ordinal) && !NativePath.IsAmbiguous(path)
            ? UploadTicket.Issue(path, address.Query, key, expires)
            : null;
    }

    private static DateTimeOffset Expiry(UploadTicket? ticket, ApiKey key, DateTimeOffset now) => ticket?.NextExpiry(key, now) ?? now + UploadTicket.Lifetime;
}
