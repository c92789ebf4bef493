using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>A simulator of the Gemini API on a loopback port: its routes, its streams and its ways to fail, without a model.</summary>
public sealed class GeminiSandbox : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, SandboxKey> _keys = new(StringComparer.Ordinal);
    private readonly RequestLog _log;
    private readonly GeminiServer _server;
    private readonly WebApplication _app;

    private GeminiSandbox(GeminiSandboxOptions options)
    {
        Options = options;
        _log = new(options);
        _server = new(options, _keys.GetValueOrDefault, _log, () => BaseUrl);

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        _app = builder.Build();
        _app.Run(_server.HandleAsync);
    }

    /// <summary>Where it listens: <c>http://127.0.0.1:port/</c>.</summary>
    public Uri BaseUrl { get; private set; } = null!;

    /// <summary>How it answers.</summary>
    public GeminiSandboxOptions Options { get; }

    /// <summary>The keys it knows.</summary>
    public IReadOnlyCollection<SandboxKey> Keys => [.. _keys.Values];

    /// <summary>The newest requests in order of arrival, as they are now.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => _log.Snapshot();

    /// <summary>
    /// Sees every request before it is answered, its body read and readable (an upload's is still to come); true says that it has
    /// answered, or ended the connection.
    /// </summary>
    public Func<HttpContext, Task<bool>>? OnRequest
    {
        get => _server.OnRequest;
        set => _server.OnRequest = value;
    }

    /// <summary>Starts a sandbox that knows no key yet.</summary>
    public static async Task<GeminiSandbox> StartAsync(GeminiSandboxOptions? options = null, CancellationToken cancellationToken = default)
    {
        var sandbox = new GeminiSandbox(options ?? new());
        await sandbox._app.StartAsync(cancellationToken);
        sandbox.BaseUrl = new(sandbox._app.Urls.Single());
        return sandbox;
    }

    /// <summary>Adds a key.</summary>
    /// <param name="value">The key; null makes up one of the kind.</param>
    /// <param name="project">The project it belongs to.</param>
    /// <param name="kind">The shape of a made-up key.</param>
    /// <param name="state">What it does at first.</param>
    public SandboxKey AddKey(
        string? value = null,
        string project = "projects/1001",
        SandboxKeyKind kind = SandboxKeyKind.Auth,
        SandboxKeyState state = SandboxKeyState.Working)
    {
        var key = new SandboxKey(value ?? KeyGenerator.NewKey(kind), project, state);
        return _keys.TryAdd(key.Value, key) ? key : throw new ArgumentException("The sandbox knows this key already.", nameof(value));
    }

    /// <summary>Forgets the requests recorded so far.</summary>
    public void ClearRequests() => _log.Clear();

    /// <summary>Stops listening.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
