using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using GeminiEdge.Cli;
using Google.Apis.Auth.OAuth2;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Tests.Cli;

/// <summary>What the process makes of an environment, without being one: its variables, its proxy, its trust and its identities.</summary>
internal sealed class CliWorld(IReadOnlyDictionary<string, string> environment, TimeProvider time) : IDisposable
{
    private readonly HttpClient _http = new(Handler(environment));

    public World Create(StandardInput input, StandardOutput output, StandardOutput error) => new()
    {
        Environment = new ConfigurationBuilder()
            .AddInMemoryCollection(environment.Select(variable => new KeyValuePair<string, string?>(variable.Key.Replace("__", ":", StringComparison.Ordinal), variable.Value)))
            .Build(),
        Input = input,
        Output = output,
        Error = error,
        Time = time,
        SignInAtAzure = () => new ManagedIdentity(_http, environment),
        AzureTransport = new HttpClientTransport(_http),
        SignInAtGoogle = SignInAtGoogleAsync,
    };

    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler Handler(IReadOnlyDictionary<string, string> environment)
    {
        var proxy = environment.GetValueOrDefault("HTTPS_PROXY");
        var trusted = new X509Certificate2Collection();
        if (environment.TryGetValue("SSL_CERT_FILE", out var certificates))
        {
            trusted.ImportFromPemFile(certificates);
        }

        var handler = new SocketsHttpHandler { UseProxy = proxy is not null, Proxy = proxy is null ? null : new WebProxy(proxy, BypassOnLocal: true) };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => trusted.Any(certificate => certificate.RawDataMemory.Span.SequenceEqual(shown!.GetRawCertData()));
        return handler;
    }

    private async Task<GoogleCredential> SignInAtGoogleAsync(CancellationToken cancellationToken)
    {
        if (!environment.TryGetValue("GOOGLE_APPLICATION_CREDENTIALS", out var file))
        {
            throw new InvalidOperationException("Nobody is signed in.");
        }

        var type = JsonNode.Parse(await File.ReadAllTextAsync(file, cancellationToken))!["type"]!.GetValue<string>();
        return await CredentialFactory.FromFileAsync(file, type, cancellationToken);
    }

    /// <summary>Asks the identity's endpoint, as the Azure SDK does in an app.</summary>
    private sealed class ManagedIdentity(HttpClient http, IReadOnlyDictionary<string, string> environment) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException("Nobody waits for a token here.");

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            var resource = Assert.Single(requestContext.Scopes).Replace("/.default", "", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{environment["IDENTITY_ENDPOINT"]}?api-version=2019-08-01&resource={Uri.EscapeDataString(resource)}")
            {
                Headers = { { "X-IDENTITY-HEADER", environment["IDENTITY_HEADER"] } },
            };
            using var response = await http.SendAsync(request, cancellationToken);
            var json = JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken))!;
            return new(json["access_token"]!.GetValue<string>(), DateTimeOffset.FromUnixTimeSeconds(long.Parse(json["expires_on"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture)));
        }
    }
}
