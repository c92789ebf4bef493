using System.Globalization;

namespace GeminiEdge.Failover.Overload;

/// <summary>
/// Whether an SDK says of a request that it is a retry of its own: the caller is asking again already, and a second round
/// beside it would multiply the two.
/// </summary>
/// <remarks>
/// OpenAI's SDKs for Python and JavaScript count their retries in <c>x-stainless-retry-count</c>, from 0, as Stainless makes
/// them. Google's Cloud clients count their attempts in <c>x-goog-api-client</c>, from 1. No mark at all: Google's Gen AI SDKs
/// for JavaScript, its Interactions client included, for Python and for Go; OpenAI's for .NET; the Vercel AI SDK; LangChain
/// with Google. The rest is not known.
/// </remarks>
internal static class SdkRetry
{
    /// <summary>How often it was repeated before, as a number; 0 for not at all.</summary>
    public const string CountHeader = "x-stainless-retry-count";

    /// <summary>What the client is made of, among it <c>gccl-attempt-count/2</c> for a second attempt.</summary>
    public const string ClientHeader = "x-goog-api-client";

    private const string Attempt = "gccl-attempt-count/";

    /// <summary>Reads the two headers' values; what is missing or malformed marks nothing.</summary>
    public static bool IsMarked(string? count, string? client) => Number(count) > 0 || LastAttempt(client) > 1;

    private static int LastAttempt(ReadOnlySpan<char> client)
    {
        var last = 0;
        while (client.IndexOf(Attempt, StringComparison.Ordinal) is >= 0 and var at)
        {
            var isToken = at == 0 || client[at - 1] is ' ' or ',';
            client = client[(at + Attempt.Length)..];
            var end = client.IndexOfAny(' ', ',');
            last = isToken ? Math.Max(last, Number(end < 0 ? client : client[..end])) : last;
        }

        return last;
    }

    private static int Number(ReadOnlySpan<char> text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
