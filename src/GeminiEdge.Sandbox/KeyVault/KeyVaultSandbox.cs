using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>
/// A simulator of Azure Key Vault on loopback, for the unchanged Azure SDK: TLS, challenge authentication, versions, soft delete, paging,
/// a managed identity's token endpoint, and failures on demand.
/// </summary>
/// <remarks>
/// A client either uses <see cref="VaultUri"/>, with <c>DisableChallengeResourceVerification</c> because loopback isn't the domain the
/// challenge names; or <see cref="PublicVaultUri"/> through <see cref="ProxyUri"/>, and needs no option. Either way it must trust
/// <see cref="Certificate"/>. Another process needs <see cref="ChildEnvironment"/> alone.
/// </remarks>
public sealed partial class KeyVaultSandbox : IAsyncDisposable
{
    internal const string VaultName = "sandbox";
    private const string PublicHost = $"{VaultName}.vault.azure.net";

    private readonly KeyVaultSandboxOptions _options;
    private readonly SecretStore _store;
    private readonly AccessTokens _tokens;
    private readonly WriteHooks _hooks = new();
    private readonly Recorder<KeyVaultRequest> _log;
    private readonly KeyVaultServer _server;
    private readonly ManagedIdentity _identity;
    private readonly OpenConnections _vaultConnections = new();
    private readonly OpenConnections _identityConnections = new();
    private readonly OpenConnections _proxyConnections = new();
    private readonly WebApplication _app;

    private KeyVaultSandbox(KeyVaultSandboxOptions options)
    {
        (_options, _store, _tokens, _log) = (options, new(options), new(options), new(options.RecordedRequests));
        (_server, _identity) = (new(options, _store, _tokens, _hooks, _log), new(options, _tokens));
        _tokens.SetRole(options.ManagedIdentity, options.ManagedIdentityRole);
        // TLS lives in real time, whatever the sandbox's clock says.
        Certificate = EphemeralCertificate.Create(TimeProvider.System.GetUtcNow(), "localhost", PublicHost);

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        _app = builder.Build();
        _app.Run(context => context.Request.IsHttps ? _server.HandleAsync(context) : _identity.HandleAsync(context));
    }

    /// <summary>Where the vault listens: <c>https://127.0.0.1:port/</c>.</summary>
    public Uri VaultUri { get; private set; } = null!;

    /// <summary>The vault's name in Azure's domain, for clients that go through <see cref="ProxyUri"/>.</summary>
    public Uri PublicVaultUri { get; } = new($"https://{PublicHost}/");

    /// <summary>An HTTP proxy that leads every tunnel to this vault.</summary>
    public Uri ProxyUri { get; private set; } = null!;

    /// <summary>What the vault shows; it is its own issuer.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary><c>IDENTITY_ENDPOINT</c>: where a managed identity gets its tokens.</summary>
    public Uri IdentityEndpoint { get; private set; } = null!;

    /// <summary><c>IDENTITY_HEADER</c>: what it shows there.</summary>
    public string IdentityHeader => _identity.Header;

    /// <summary>Starts an empty vault.</summary>
    public static async Task<KeyVaultSandbox> StartAsync(KeyVaultSandboxOptions? options = null, CancellationToken cancellationToken = default)
    {
        var sandbox = new KeyVaultSandbox(options ?? new());
        await sandbox._app.StartAsync(cancellationToken);
        // In the order in which they were added.
        var ports = sandbox._app.Urls.Select(url => new Uri(url).Port).ToList();
        sandbox.VaultUri = new($"https://127.0.0.1:{ports[0]}/");
        sandbox.IdentityEndpoint = new($"http://127.0.0.1:{ports[1]}{ManagedIdentity.Path}");
        sandbox.ProxyUri = new($"http://127.0.0.1:{ports[2]}/");
        return sandbox;
    }

    /// <summary>A token for the vault, and the principal's role from now on.</summary>
    public string IssueToken(string principal, KeyVaultRole role)
    {
        _tokens.SetRole(principal, role);
        return _tokens.Issue(principal, AccessTokens.VaultResource).Value;
    }

    /// <summary>Changes the role of a principal, and makes it known to the identity endpoint; the tokens it has stay valid.</summary>
    public void SetRole(string principal, KeyVaultRole role) => _tokens.SetRole(principal, role);

    /// <summary>Refuses every token issued to a principal so far.</summary>
    public void RevokeTokens(string principal) => _tokens.Revoke(principal);

    /// <summary>Writes the certificate, without its key, for <c>SSL_CERT_FILE</c>.</summary>
    public void WriteCertificatePem(string path) => File.WriteAllText(path, Certificate.ExportCertificatePem() + "\n");

    /// <summary>
    /// The environment with which another process reaches <see cref="PublicVaultUri"/> as it would in Azure; it then trusts this
    /// certificate in place of the system's bundle, and goes through the proxy for every other https address that isn't on this machine.
    /// </summary>
    /// <param name="certificatePem">The file <see cref="WriteCertificatePem"/> wrote.</param>
    public IReadOnlyDictionary<string, string> ChildEnvironment(string certificatePem) => new Dictionary<string, string>
    {
        ["IDENTITY_ENDPOINT"] = IdentityEndpoint.AbsoluteUri,
        ["IDENTITY_HEADER"] = IdentityHeader,
        ["SSL_CERT_FILE"] = certificatePem,
        ["HTTPS_PROXY"] = ProxyUri.AbsoluteUri,
        ["NO_PROXY"] = "localhost,127.0.0.1",
    };

    /// <summary>Ends every connection and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var connections in new[] { _proxyConnections, _vaultConnections, _identityConnections })
        {
            connections.IsDark = true;
        }

        await _app.DisposeAsync();
        Certificate.Dispose();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPAddress.Loopback, _options.Port, vault =>
        {
            vault.Use(_vaultConnections.Track);
            vault.UseHttps(Certificate);
        });
        kestrel.Listen(IPAddress.Loopback, 0, identity => identity.Use(_identityConnections.Track));
        kestrel.Listen(IPAddress.Loopback, 0, proxy =>
        {
            proxy.Use(_proxyConnections.Track);
            proxy.Run(client => ConnectTunnel.RunAsync(client, new(IPAddress.Loopback, VaultUri.Port)));
        });
    }
}
