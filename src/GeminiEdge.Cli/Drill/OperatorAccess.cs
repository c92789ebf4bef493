using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Cli.Drill;

/// <summary>The vault's client of an operator who is a Key Vault Secrets Officer.</summary>
internal sealed class OperatorAccess : IDisposable
{
    private readonly HttpClient _http;

    public OperatorAccess(KeyVaultSandbox vault, TimeProvider time)
    {
        var trusted = vault.Certificate.RawData;
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetRawCertData().AsSpan().SequenceEqual(trusted);
        _http = new HttpClient(handler);
        Client = new SecretClient(vault.VaultUri, new Issued(vault, time), new SecretClientOptions
        {
            Transport = new HttpClientTransport(_http),
            DisableChallengeResourceVerification = true,
        });
    }

    public SecretClient Client { get; }

    public void Dispose() => _http.Dispose();

    private sealed class Issued(KeyVaultSandbox vault, TimeProvider time) : TokenCredential
    {
        public override Azure.Core.AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(vault.IssueToken("operator", KeyVaultRole.SecretsOfficer), time.GetUtcNow().AddHours(1));

        public override ValueTask<Azure.Core.AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
