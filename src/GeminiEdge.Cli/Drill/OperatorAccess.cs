using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Cli.Fleet;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Sandbox.TableStorage;

namespace GeminiEdge.Cli.Drill;

/// <summary>The vault's client of an operator who is a Key Vault Secrets Officer.</summary>
internal sealed class OperatorAccess : IDisposable
{
    public const string Principal = "operator";

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public OperatorAccess(KeyVaultSandbox vault, TimeProvider time)
    {
        _time = time;
        var trusted = vault.Certificate.RawData;
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetRawCertData().AsSpan().SequenceEqual(trusted);
        _http = new HttpClient(handler);
        Client = new SecretClient(vault.VaultUri, new Issued(() => vault.IssueToken(Principal, KeyVaultRole.SecretsOfficer), time), new SecretClientOptions
        {
            Transport = new HttpClientTransport(_http),
            DisableChallengeResourceVerification = true,
        });
    }

    public SecretClient Client { get; }

    /// <summary>The register's client of an operator who is a Storage Table Data Contributor.</summary>
    public FleetRegister Register(TableSandbox tables, string app) =>
        new(tables.Endpoint, app, new Issued(() => tables.IssueToken(Principal), _time), _time, new HttpClientTransport(_http));

    public void Dispose() => _http.Dispose();

    private sealed class Issued(Func<string> issue, TimeProvider time) : TokenCredential
    {
        public override Azure.Core.AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(issue(), time.GetUtcNow().AddMinutes(50));

        public override ValueTask<Azure.Core.AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
