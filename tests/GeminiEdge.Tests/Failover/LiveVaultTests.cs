using System.Net.Sockets;
using System.Text;
using GeminiEdge.Failover;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Sandbox;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Failover;

public sealed class LiveVaultTests
{
    private const int Calls = 1000;
    private const int AtOnce = 16;

    [Fact]
    public async Task Keys_RotateInTheVaultUnderLoad_NoCallFailsAndThereIsOnePool()
    {
        await using var vault = await KeyVaultBed.StartAsync();
        await using var sandbox = await GeminiSandbox.StartAsync(new() { ChunkDelay = TimeSpan.Zero });
        var (first, second) = (sandbox.AddKey(), sandbox.AddKey(project: "projects/1002"));
        vault.Vault.Set(KeySlot.Primary.Secret(), first.Value);
        vault.Vault.Set(KeySlot.Secondary.Secret(), second.Value);
        var connections = 0;
        using var unused = new UpstreamConnections(new ForwardingOptions(), TimeProvider.System);
        using var pool = UpstreamClient.CreateHandler(new ForwardingOptions(), unused);
        pool.ConnectCallback = async (context, cancellationToken) =>
        {
            Interlocked.Increment(ref connections);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        };
        var log = new EventCapture();
        var options = new GeminiFailoverOptions { VaultUri = vault.Vault.VaultUri, BaseUrl = sandbox.BaseUrl, RefreshInterval = TimeSpan.FromMilliseconds(20) };
        var core = new FailoverCore(options, log, upstream: pool, vault: vault.Client(KeyVaultRole.SecretsUser, "app"));
        using var http = new HttpClient(new GeminiFailoverHandler(core, ownsCore: true)) { BaseAddress = sandbox.BaseUrl };
        var done = 0;

        await Parallel.ForEachAsync(Enumerable.Range(0, Calls), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, cancellationToken) =>
        {
            using var response = await http.PostAsync("v1beta/models/gemini-flash-latest:generateContent",
                new StringContent(EdgeHost.Contents("Say hello"), Encoding.UTF8, "application/json"), cancellationToken);
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            if (Interlocked.Increment(ref done) is var number && number % 200 == 0)
            {
                // As a rotation does: the standby's key moves up, a new one stands by, and the former one dies later.
                var promoted = vault.Vault.Latest(KeySlot.Secondary.Secret())!.Value;
                var former = vault.Vault.Latest(KeySlot.Primary.Secret())!.Value;
                vault.Vault.Set(KeySlot.Primary.Secret(), promoted);
                vault.Vault.Set(KeySlot.Secondary.Secret(), sandbox.AddKey(project: $"projects/{number}").Value);
                sandbox.Keys.Single(key => key.Value == former).State = SandboxKeyState.Invalid;
            }
        });

        Assert.Equal(Calls, done);
        Assert.True(log.Named("ring_changed").Count > 1, "No rotation arrived.");
        Assert.InRange(connections, 1, 2 * AtOnce);
    }

    [Fact]
    public async Task Vault_IsUnreachable_IsSaidAndTheCallSaysWhatToDo()
    {
        var log = new EventCapture();
        var options = new GeminiFailoverOptions { VaultUri = new Uri("https://127.0.0.1:9/"), Credential = new NoCredential(), BaseUrl = new Uri("http://127.0.0.1:9/") };
        var time = new HastyTime();
        using var client = new GeminiFailoverClient(new FailoverCore(options, log, time), ownsCore: true);

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GenerateAsync("Say hello"));

        Assert.Contains("The key vault holds no usable key, or can't be read", error.Message, StringComparison.Ordinal);
        await Eventually.IsAsync(() => log.Named("vault_unreachable").Count == 1);
    }

    private sealed class NoCredential : Azure.Core.TokenCredential
    {
        public override Azure.Core.AccessToken GetToken(Azure.Core.TokenRequestContext requestContext, CancellationToken cancellationToken) => new("token", DateTimeOffset.MaxValue);

        public override ValueTask<Azure.Core.AccessToken> GetTokenAsync(Azure.Core.TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
