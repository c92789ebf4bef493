using System.Collections.Immutable;
using GeminiEdge.Access;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>
/// A request line, as <c>POST /v1beta/models/m:generateContent?key=x</c> and perhaps an upload command: who is asked, and what goes on to
/// the upstream.
/// </summary>
internal static class RequestTarget
{
    private const int LongestName = 128;
    private const string Upstream = "https://upstream.example";

    private static readonly UriCreationOptions AsTheyCame = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private static readonly ImmutableArray<string> Prefixes = ["/v1beta/", "/v1/", "/v1alpha/", "/download/", "/upload/"];

    // What the upstream must never be told by a caller, however it is written.
    private static readonly ImmutableArray<string> Forbidden =
    [
        "key", "code", "access_token", "accesstoken", "oauth_token", "oauthtoken", "bearer_token", "bearertoken", "callback", "httpmethod", "http_method", "httpheaders", "http_headers",
        "userproject", "user_project", "quotauser", "quota_user",
        "gemini_edge_key_id", "gemini_edge_expires", "gemini_edge_signature",
    ];

    public static void Run(byte[] input)
    {
        var words = FuzzInput.Letters(input).Split(' ', 3);
        var (verb, rawTarget, command) = words.Length switch
        {
            1 => ("GET", words[0], ""),
            2 => (words[0], words[1], ""),
            _ => (words[0], words[1], words[2]),
        };
        var area = RawTarget.Judge(rawTarget);
        var (path, query) = RawTarget.Split(rawTarget);
        Promise.Same(rawTarget, path + query, "A target is its path and its query.");
        CheckStripping(query);
        if (area != Area.Native)
        {
            return;
        }

        CheckPath(path);
        CheckWhatIsSent(path + CredentialQuery.Strip(query));
        var call = GeminiCallReader.Read(verb, path, query, command);
        Promise.That(call.Method.Length <= LongestName && call.Model.Length <= LongestName, "Names in logs are short.");
        Promise.That(call.Upload == UploadPhase.None || path.StartsWith("/upload/", StringComparison.Ordinal), "An upload is below /upload/.");
        Promise.That(!call.MayFallBack || call.Replayable, "What another model may answer may be repeated.");
        Promise.That(call.Resource is null || call.ProjectBound, "A resource belongs to a project.");
    }

    private static void CheckPath(string path)
    {
        var prefix = Prefixes.FirstOrDefault(prefix => path.StartsWith(prefix, StringComparison.Ordinal));
        Promise.That(prefix is not null, "A native path begins as one of the upstream's.");

        // Whoever decodes it, once or twice, and takes its dots for steps, is still below the same prefix.
        var decoded = path;
        for (var times = 0; times < 3; times++)
        {
            Promise.That(!decoded.Split('/', '\\').Any(segment => segment is "." or ".."), "No decoded path has steps in it.");
            Promise.Same(path.Count(letter => letter == '/'), decoded.Count(letter => letter is '/' or '\\'), "Decoding adds no segment.");
            decoded = Uri.UnescapeDataString(decoded);
        }

        var canonical = new Uri(Upstream + path.Replace("#", "%23", StringComparison.Ordinal)).AbsolutePath;
        Promise.That(canonical.StartsWith(prefix, StringComparison.Ordinal), "A path that is made canonical stays below its prefix.");
    }

    private static void CheckWhatIsSent(string pathAndQuery)
    {
        var sent = new Uri(Upstream + pathAndQuery, AsTheyCame);
        Promise.Same(pathAndQuery, sent.PathAndQuery, "What is sent is what was judged.");
        Promise.Same("upstream.example", sent.Host, "It is sent to the upstream.");
    }

    private static void CheckStripping(string query)
    {
        var stripped = CredentialQuery.Strip(query);
        Promise.Same(stripped, CredentialQuery.Strip(stripped), "Stripping once is enough.");
        Promise.That(stripped.Length <= query.Length, "Stripping adds nothing.");
        Promise.That(!stripped.Contains('\r', StringComparison.Ordinal) || query.Contains('\r', StringComparison.Ordinal), "Stripping makes no line of its own.");
        foreach (var parameter in (stripped.Length > 0 ? stripped[1..] : "").Split('&'))
        {
            var name = Uri.UnescapeDataString(parameter.Split('=')[0].Replace('+', ' ')).Trim().TrimStart(['$', ' ']);
            Promise.That(!Forbidden.Contains(name, StringComparer.OrdinalIgnoreCase), "No credential is left in a query.");
        }
    }
}
