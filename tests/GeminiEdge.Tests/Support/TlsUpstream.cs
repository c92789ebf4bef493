using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using GeminiEdge.Sandbox.KeyVault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Support;

/// <summary>An upstream over TLS that the test answers for; it knows its connections.</summary>
internal sealed class TlsUpstream : IAsyncDisposable
{
    public const string Answer = """{"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}],"modelVersion":"gemini-flash-latest"}""";

    private readonly X509Certificate2 _certificate;
    private readonly ConcurrentDictionary<string, ConnectionContext> _open = new();
    private readonly WebApplication _app;
    private int _connections;

    private TlsUpstream(RequestDelegate? answer, HttpProtocols protocols, int port, X509Certificate2? certificate)
    {
        _certificate = certificate ?? EphemeralCertificate.Create(TimeProvider.System.GetUtcNow(), "localhost");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = protocols;
            listen.UseHttps(_certificate);
            listen.Use(next => connection => RunAsync(connection, next));
        }));
        _app = builder.Build();
        answer ??= context => context.Response.WriteAsync(Answer);
        _app.Run(context =>
        {
            context.Response.ContentType = "application/json";
            return answer(context);
        });
    }

    public string Url { get; private set; } = "";

    public X509ChainPolicy Trust => Support.Trust.In(_certificate);

    /// <summary>How many there have been, TLS done.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many there are.</summary>
    public int Open => _open.Count;

    /// <param name="answer">Answers each request; by default with a whole answer.</param>
    public static async Task<TlsUpstream> StartAsync(RequestDelegate? answer = null, HttpProtocols protocols = HttpProtocols.Http1, int port = 0, TlsUpstream? certificateOf = null)
    {
        var upstream = new TlsUpstream(answer, protocols, port, certificateOf?._certificate);
        await upstream._app.StartAsync();
        upstream.Url = upstream._app.Urls.First();
        return upstream;
    }

    /// <summary>Resets every connection.</summary>
    public async Task ResetAsync()
    {
        foreach (var connection in _open.Values)
        {
            connection.Abort();
        }

        await Eventually.IsAsync(() => Open == 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref _connections);
        _open[connection.ConnectionId] = connection;
        try
        {
            await next(connection);
        }
        finally
        {
            _open.TryRemove(connection.ConnectionId, out _);
        }
    }
}
