using System.Net;
using System.Security.Cryptography.X509Certificates;
using GeminiEdge.Sandbox.KeyVault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace GeminiEdge.Sandbox.TableStorage;

/// <summary>
/// A simulator of Azure Table storage on a loopback port, as far as a fleet register needs it: tables are made, entities
/// written, deleted and listed by page. Over TLS it takes bearers of a token for storage alone; without a certificate, everybody.
/// </summary>
public sealed class TableSandbox : IAsyncDisposable
{
    private const int LargestPage = 1000;

    private readonly TimeProvider _time;
    private readonly WebApplication _app;

    private TableSandbox(X509Certificate2? certificate, int pageSize, TimeProvider time)
    {
        _time = time;
        var server = new TableServer(new TableStore(time), pageSize, certificate is null ? null : time);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            });
        });
        _app = builder.Build();
        _app.Run(server.HandleAsync);
    }

    /// <summary>The account's tables.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Starts an account without tables.</summary>
    /// <param name="certificate">What it shows; null for plain http.</param>
    /// <param name="pageSize">How many entities a page of a list holds at most; the service's own is 1,000.</param>
    /// <param name="time">The clock of timestamps and tokens; the system's by default.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    public static async Task<TableSandbox> StartAsync(
        X509Certificate2? certificate = null, int pageSize = LargestPage, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        var sandbox = new TableSandbox(certificate, pageSize, time ?? TimeProvider.System);
        await sandbox._app.StartAsync(cancellationToken);
        sandbox.Endpoint = new($"{(certificate is null ? "http" : "https")}://127.0.0.1:{new Uri(sandbox._app.Urls.Single()).Port}/");
        return sandbox;
    }

    /// <summary>A token for storage.</summary>
    public string IssueToken(string principal)
    {
        var now = _time.GetUtcNow();
        return JsonWebToken.Of(principal, TableServer.Resource, now, now.AddHours(1));
    }

    /// <summary>Stops listening.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
