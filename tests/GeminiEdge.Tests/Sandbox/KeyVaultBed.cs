using System.Net;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Sandbox;

/// <summary>A vault on a fake clock, and the real client with the rights a test gives it.</summary>
internal sealed class KeyVaultBed : IAsyncDisposable
{
    private readonly List<HttpMessageHandler> _handlers = [];

    private KeyVaultBed(KeyVaultSandbox vault, FakeTimeProvider time) => (Vault, Time) = (vault, time);

    public KeyVaultSandbox Vault { get; }

    public FakeTimeProvider Time { get; }

    public static async Task<KeyVaultBed> StartAsync(Func<FakeTimeProvider, KeyVaultSandboxOptions>? options = null, FakeTimeProvider? time = null)
    {
        time ??= new FakeTimeProvider(new(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero));
        return new(await KeyVaultSandbox.StartAsync(options?.Invoke(time) ?? new() { TimeProvider = time }), time);
    }

    /// <summary>A client that asks once and trusts the vault's certificate alone.</summary>
    public SecretClient Client(KeyVaultRole role = KeyVaultRole.SecretsOfficer, string principal = "operator", bool throughProxy = false)
    {
        Vault.SetRole(principal, role);
        return new(throughProxy ? Vault.PublicVaultUri : Vault.VaultUri, new Issued(() => Vault.IssueToken(principal, role)), Options(Connections(throughProxy), throughProxy));
    }

    /// <summary>The same without a connection.</summary>
    public SecretClient ClientInProcess(KeyVaultRole role, string principal)
    {
        Vault.SetRole(principal, role);
        return new(Vault.VaultUri, new Issued(() => Vault.IssueToken(principal, role)), Options(new VaultInProcess(Vault)));
    }

    public SecretClient ClientWithToken(string token) => new(Vault.VaultUri, new Issued(() => token), Options(Connections()));

    public async ValueTask DisposeAsync()
    {
        _handlers.ForEach(handler => handler.Dispose());
        await Vault.DisposeAsync();
    }

    /// <summary>What the client throws, with the codes of the error it was sent.</summary>
    public static async Task<(int Status, string? Code, string? Inner, RequestFailedException Error)> FailAsync(Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<RequestFailedException>(call);
        using var json = System.Text.Json.JsonDocument.Parse(error.GetRawResponse()!.Content);
        var body = json.RootElement.GetProperty("error");
        var inner = body.TryGetProperty("innererror", out var detail) ? detail.GetProperty("code").GetString() : null;
        return (error.Status, body.GetProperty("code").GetString(), inner, error);
    }

    private SocketsHttpHandler Connections(bool throughProxy = false) => new()
    {
        Proxy = new WebProxy(Vault.ProxyUri),
        UseProxy = throughProxy,
        SslOptions = { CertificateChainPolicy = Trust.In(Vault.Certificate) },
    };

    private SecretClientOptions Options(HttpMessageHandler handler, bool throughProxy = false)
    {
        _handlers.Add(handler);
        return new()
        {
            Transport = new HttpClientTransport(new HttpClient(handler, disposeHandler: false)),
            DisableChallengeResourceVerification = !throughProxy,
            Retry = { MaxRetries = 0 },
        };
    }

    private sealed class Issued(Func<string> issue) : TokenCredential
    {
        public override Azure.Core.AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.Equal(["https://vault.azure.net/.default"], requestContext.Scopes);
            return new(issue(), TimeProvider.System.GetUtcNow().AddHours(1));
        }

        public override ValueTask<Azure.Core.AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
