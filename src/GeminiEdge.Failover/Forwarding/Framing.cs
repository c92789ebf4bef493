using System.Globalization;
using System.Net;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Whether an answer says plainly where it ends: one that doesn't could be cut anywhere, and nobody would see it.</summary>
internal static class Framing
{
    public static bool IsBroken(HttpResponseMessage answer)
    {
        var isChunked = answer.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var codings);
        if (isChunked && !codings.ToString().Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (!answer.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths))
        {
            return false;
        }

        return isChunked
            || lengths.Count != 1
            || !long.TryParse(lengths.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || (length > 0 && answer.StatusCode == HttpStatusCode.NoContent);
    }
}
