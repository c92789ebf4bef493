using System.Text;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Sends one attempt: one request, one credential, no redirects, cookies, proxies, decompression or traces.</summary>
internal sealed class UpstreamClient(ForwardingOptions options, HttpMessageHandler handler) : IDisposable
{
    /// <summary>Longer addresses name something of their own, and are not kept.</summary>
    private const int LongestKept = 256;

    private static readonly UriCreationOptions AsTheyCame = new() { DangerousDisablePathAndQueryCanonicalization = true };

    // Most requests go to a few addresses: each is read once, and found again at the place that its text gives it.
    private readonly Uri?[] _addresses = new Uri?[256];

    // HttpClient would buffer answers and count a timeout of its own.
    private readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: true);

    /// <summary>The upstream, without a slash at its end.</summary>
    public string BaseUrl => options.BaseUrl;

    /// <summary>The handler that really connects.</summary>
    public static SocketsHttpHandler CreateHandler(ForwardingOptions options, TimeProvider time) => new()
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ConnectCallback = (context, cancellationToken) => UpstreamStream.ConnectAsync(context, time, cancellationToken),
        ConnectTimeout = options.ConnectTimeout,
        MaxResponseHeadersLength = 64,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),

        // Google's addresses change; a connection that lives for ever never notices.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),

        // An answer that nobody wants any more is not read to its end to save the connection: the model would write on.
        ResponseDrainTimeout = TimeSpan.Zero,

        // As Kestrel read them; a letter beyond ASCII would otherwise fail every attempt.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        UseCookies = false,
        UseProxy = false,
    };

    /// <summary>Builds the request of one attempt.</summary>
    public HttpRequestMessage CreateRequest(HttpMethod method, string pathAndQuery, bool openAi, ApiKey key, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, Address(pathAndQuery)) { Content = content };
        if (openAi)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key.Reveal());
        }
        else
        {
            request.Headers.TryAddWithoutValidation("x-goog-api-key", key.Reveal());
        }

        return request;
    }

    /// <summary>Returns as soon as the answer's headers are there.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker.SendAsync(request, cancellationToken);

    public void Dispose() => _invoker.Dispose();

    private Uri Address(string pathAndQuery)
    {
        if (pathAndQuery.Length > LongestKept)
        {
            return Parse(pathAndQuery);
        }

        ref var kept = ref _addresses[(uint)pathAndQuery.GetHashCode(StringComparison.Ordinal) % (uint)_addresses.Length];
        var address = kept;
        if (address is null || !address.OriginalString.AsSpan(BaseUrl.Length).SequenceEqual(pathAndQuery))
        {
            kept = address = Parse(pathAndQuery);
        }

        return address;
    }

    private Uri Parse(string pathAndQuery) => new(BaseUrl + pathAndQuery, AsTheyCame);
}
