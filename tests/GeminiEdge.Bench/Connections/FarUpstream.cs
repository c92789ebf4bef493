using System.Net;
using System.Security.Cryptography.X509Certificates;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GeminiEdge.Bench.Connections;

/// <summary>An upstream over TLS, in both versions of HTTP, at the end of a line with a round trip of 50 ms.</summary>
internal sealed class FarUpstream : IAsyncDisposable
{
    public static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(50);

    private readonly X509Certificate2 _certificate;
    private readonly WebApplication _app;
    private DelayingProxy _line = null!;

    private FarUpstream(RequestDelegate answer, X509Certificate2 certificate)
    {
        _certificate = certificate;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(_certificate);
        }));
        _app = builder.Build();
        _app.Run(answer);
    }

    /// <summary>At the near end of the line.</summary>
    public string Url => _line.Url;

    /// <summary>At the far end.</summary>
    public string Own => _app.Urls.First();

    public DelayingProxy Line => _line;

    public X509ChainPolicy Trust => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { _certificate },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    /// <param name="predecessor">One whose place it can take.</param>
    public static async Task<FarUpstream> StartAsync(RequestDelegate answer, FarUpstream? predecessor = null)
    {
        var upstream = new FarUpstream(answer, predecessor?._certificate ?? EphemeralCertificate.Create(TimeProvider.System.GetUtcNow(), "localhost"));
        await upstream._app.StartAsync();
        upstream._line = DelayingProxy.Start(upstream._app.Urls.First(), RoundTrip);
        return upstream;
    }

    /// <summary>Until somebody asks the process to end.</summary>
    public Task EndedAsync() => _app.WaitForShutdownAsync();

    public void WriteCertificate(string file) => File.WriteAllText(file, _certificate.ExportCertificatePem());

    public async ValueTask DisposeAsync()
    {
        await _line.DisposeAsync();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _certificate.Dispose();
    }
}
