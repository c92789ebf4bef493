using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Bench.Connections;

/// <summary>Sends requests as the edge does, with its own client, and times them.</summary>
internal sealed class Caller : IDisposable
{
    private static readonly ApiKey Key = ApiKey.Create("the-only-key-of-this-bench-aaaa").Key!;
    private readonly UpstreamClient _client;

    /// <param name="lifetime">How long a connection lives; null for what the edge has.</param>
    public Caller(FarUpstream upstream, UpstreamHttp version, TimeSpan? lifetime = null)
    {
        var options = new ForwardingOptions { BaseUrl = upstream.Url, UpstreamHttp = version };
        var connections = new UpstreamConnections(options, TimeProvider.System, upstream.Trust);
        var handler = UpstreamClient.CreateHandler(options, connections);
        handler.PooledConnectionLifetime = lifetime ?? handler.PooledConnectionLifetime;
        _client = new UpstreamClient(options, handler, connections);
    }

    /// <summary>Sends one request and reads its answer to the end.</summary>
    /// <returns>When its first byte came; null when it broke off.</returns>
    public async Task<TimeSpan?> AskAsync(bool streams, CancellationToken cancellationToken = default)
    {
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            using var response = await BeginAsync(streams, cancellationToken);
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[16 * 1024];
            TimeSpan? first = null;
            while (await body.ReadAsync(buffer, cancellationToken) > 0)
            {
                first ??= TimeProvider.System.GetElapsedTime(began);
            }

            return first;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Sends one request; returns with the answer's head.</summary>
    public async Task<HttpResponseMessage> BeginAsync(bool streams, CancellationToken cancellationToken)
    {
        var path = $"/v1beta/models/a:{(streams ? "streamGenerateContent?alt=sse" : "generateContent")}";
        using var request = _client.CreateRequest(HttpMethod.Post, path, openAi: false, Key, new ByteArrayContent(new byte[400]));
        return await _client.SendAsync(request, cancellationToken);
    }

    public void Dispose() => _client.Dispose();
}
