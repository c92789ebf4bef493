using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Sends one attempt: one request, one credential, no redirects, cookies, proxies, decompression or traces.</summary>
/// <param name="connections">What the handler connects with; null where it has means of its own.</param>
internal sealed class UpstreamClient(ForwardingOptions options, HttpMessageHandler handler, UpstreamConnections? connections = null) : IDisposable
{
    /// <summary>Longer addresses name something of their own, and are not kept.</summary>
    private const int LongestKept = 256;

    private static readonly UriCreationOptions AsTheyCame = new() { DangerousDisablePathAndQueryCanonicalization = true };

    // Most requests go to a few addresses: each is read once, and found again at the place that its text gives it.
    private readonly Uri?[] _addresses = new Uri?[256];

    // HttpClient would buffer answers and count a timeout of its own.
    private readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: true);

    // Without TLS there is no agreeing on it, and nothing to count.
    private readonly bool _isHttp2 = options.UpstreamHttp == UpstreamHttp.Http2 && options.BaseUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    /// <summary>The upstream, without a slash at its end.</summary>
    public string BaseUrl => options.BaseUrl;

    /// <summary>A request has been sent.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>A client that really connects.</summary>
    /// <param name="trust">Whom to trust; null for whom the machine does.</param>
    public static UpstreamClient Create(ForwardingOptions options, TimeProvider time, X509ChainPolicy? trust = null)
    {
        var connections = new UpstreamConnections(options, time, trust);
        return new UpstreamClient(options, CreateHandler(options, connections), connections);
    }

    /// <summary>The handler that really connects.</summary>
    public static SocketsHttpHandler CreateHandler(ForwardingOptions options, UpstreamConnections connections) => new()
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectCallback = connections.ConnectAsync,
        ConnectTimeout = options.ConnectTimeout,

        // How many requests one connection takes the upstream says; there may be more of them.
        EnableMultipleHttp2Connections = true,

        // A connection that many share and that says nothing any more is found out before the last of their deadlines.
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        MaxResponseHeadersLength = 64,
        PooledConnectionIdleTimeout = UpstreamConnections.IdleTimeout,

        // Google's addresses change; a connection that lives for ever never notices.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),

        // An answer that nobody wants any more is not read to its end to save the connection: the model would write on.
        ResponseDrainTimeout = TimeSpan.Zero,

        // As Kestrel read them; a letter beyond ASCII would otherwise fail every attempt.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        UseCookies = false,
        UseProxy = false,
    };

    /// <summary>Begins to open a connection before the first request needs it. Doesn't wait, and never throws.</summary>
    public void Warm() => connections?.Open();

    /// <summary>A request has come that will be sent soon.</summary>
    public void Expect() => connections?.Expect();

    /// <summary>Builds the request of one attempt.</summary>
    public HttpRequestMessage CreateRequest(HttpMethod method, string pathAndQuery, bool openAi, ApiKey key, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, Address(pathAndQuery))
        {
            Content = content,

            // Upload bytes can't be sent twice, and their connection watches for an answer that comes before they are through.
            Version = _isHttp2 && content is not UploadContent ? HttpVersion.Version20 : HttpVersion.Version11,
        };
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
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!IsUsed)
        {
            IsUsed = true;
        }

        return _isHttp2 ? SendCountedAsync(request, cancellationToken) : _invoker.SendAsync(request, cancellationToken);
    }

    public void Dispose()
    {
        _invoker.Dispose();
        connections?.Dispose();
    }

    private async Task<HttpResponseMessage> SendCountedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await _invoker.SendAsync(request, cancellationToken);
        CountedContent.Count(answer);
        return answer;
    }

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
