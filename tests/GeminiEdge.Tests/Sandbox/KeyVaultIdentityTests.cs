using System.Diagnostics;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Sandbox;

public sealed class KeyVaultIdentityTests : IDisposable
{
    private readonly string _pem = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pem");

    [Theory]
    [InlineData(KeyVaultRole.SecretsUser)]
    [InlineData(KeyVaultRole.None)]
    public async Task ManagedIdentity_InAnotherProcess_ReadsWithItsRole(KeyVaultRole role)
    {
        await using var vault = await KeyVaultSandbox.StartAsync(new() { ManagedIdentityRole = role });
        vault.Set("key", "the value");
        vault.WriteCertificatePem(_pem);

        var (exitCode, output, errors) = await ReadAsync(vault, "key");

        Assert.Equal(role == KeyVaultRole.SecretsUser ? (0, "the value\n") : (1, ""), (Math.Sign(exitCode), output));
        Assert.Equal(role == KeyVaultRole.None, errors.Contains("Status: 403 (Forbidden)", StringComparison.Ordinal));
        Assert.Equal(1, vault.IdentityTokensIssued);
        Assert.Equal([null, "edge"], vault.Requests.Select(request => request.Principal));
    }

    [Theory]
    [InlineData("?api-version=2019-08-01&resource=https://vault.azure.net", true, 200)]
    [InlineData("?api-version=2019-08-01&resource=https://vault.azure.net", false, 401)]
    [InlineData("?api-version=2019-08-01", true, 400)]
    [InlineData("?api-version=2019-08-01&resource=https://vault.azure.net&client_id=stranger", true, 400)]
    public async Task IdentityEndpoint_Request_IsAnsweredByTheProtocol(string query, bool withHeader, int status)
    {
        await using var vault = await KeyVaultSandbox.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(vault.IdentityEndpoint, query));
        request.Headers.Add("X-IDENTITY-HEADER", withHeader ? vault.IdentityHeader : "guess");

        using var response = await http.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    public void Dispose() => File.Delete(_pem);

    private async Task<(int ExitCode, string Output, string Errors)> ReadAsync(KeyVaultSandbox vault, string name)
    {
        var executable = EdgeProcess.Executable.Replace("GeminiEdge.Server", "GeminiEdge.VaultReader", StringComparison.Ordinal);
        var start = new ProcessStartInfo(executable, [vault.PublicVaultUri.AbsoluteUri, name]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (variable, value) in vault.ChildEnvironment(_pem))
        {
            start.Environment[variable] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, await output, await errors);
    }
}
