using System.Net;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Support;

/// <summary>An edge that reads its keys from a vault, both on one clock that the test sets; the interval is 30 s.</summary>
internal sealed class VaultEdge : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly KeyVaultBed _bed;
    private EdgeHost? _edge;
    private GeminiSandbox? _gemini;

    private VaultEdge(KeyVaultBed bed) => _bed = bed;

    public KeyVaultSandbox Vault => _bed.Vault;

    public FakeTimeProvider Time => _bed.Time;

    public EdgeHost Edge => _edge!;

    public GeminiSandbox Gemini => _gemini!;

    public string Ring => string.Join(' ', Edge.Ring.Keys.Select(key => $"{key.Slot.Name()}={key.Id}"));

    /// <summary>How often the newest version of a secret was asked for; a client's first request, which only asks for the challenge, doesn't count.</summary>
    public int Reads(string secret = "GEMINI-API-KEY-PRIMARY") =>
        Vault.Requests.Count(request => request.Operation == KeyVaultOperation.Get && request.SecretName == secret && request.Status != 401);

    /// <summary>Starts an edge; what is in the vault then is what the test puts there.</summary>
    public static async Task<VaultEdge> StartAsync(
        Action<VaultEdge> fill, double jitter = 0.5, Dictionary<string, string?>? settings = null, bool awaitsRing = true, FakeTimeProvider? time = null,
        FleetTable? fleet = null)
    {
        var bed = await KeyVaultBed.StartAsync(time: time);
        var test = new VaultEdge(bed);
        test._edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Keys = 0,
            Time = bed.Time,
            Jitter = jitter,
            Settings = settings ?? [],
            Fleet = fleet,
            Vault = bed.Client(KeyVaultRole.SecretsUser, "edge"),
            Prepare = gemini =>
            {
                test._gemini = gemini;
                fill(test);
            },
        });
        if (awaitsRing)
        {
            await test.Edge.Log.WaitForAsync("ring_changed");
        }

        return test;
    }

    /// <summary>PRIMARY and SECONDARY, both working.</summary>
    public static async Task<(VaultEdge Test, SandboxKey Primary, SandboxKey Secondary)> StartWithTwoAsync(double jitter = 0.5, FakeTimeProvider? time = null)
    {
        SandboxKey primary = null!, secondary = null!;
        var test = await StartAsync(vault => (primary, secondary) = (vault.PutNew(KeySlot.Primary), vault.PutNew(KeySlot.Secondary)), jitter, time: time);
        return (test, primary, secondary);
    }

    /// <summary>A key that works and stands in no slot.</summary>
    public SandboxKey NewKey() => Gemini.AddKey(project: $"projects/{2001 + Gemini.Keys.Count}");

    /// <summary>Writes a new, working key into a slot, as an operator would by hand.</summary>
    public SandboxKey PutNew(KeySlot slot, DateTimeOffset? expires = null)
    {
        var key = NewKey();
        Vault.Set(slot.Secret(), key.Value, expires: expires);
        return key;
    }

    /// <summary>Sends a prompt, and returns the status and who answered.</summary>
    public async Task<(HttpStatusCode Status, string? KeyId, string? Attempts)> AskAsync()
    {
        using var response = await Edge.GenerateAsync();
        await response.Content.ReadAsStringAsync();
        return (response.StatusCode, Header("x-gemini-edge-key-id"), Header("x-gemini-edge-attempts"));

        string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }

    /// <summary>The id of the key that answers now.</summary>
    public async Task<string?> AnsweringKeyAsync()
    {
        var (status, keyId, _) = await AskAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        return keyId;
    }

    /// <summary>Lets so much time pass that the next request waits for what the vault says.</summary>
    public void MakeStale() => Time.Advance((1.5 * Interval) + TimeSpan.FromSeconds(1));

    /// <summary>Waits until the edge's ring is this one.</summary>
    public Task RingIsAsync(params (string Slot, SandboxKey Key)[] keys)
    {
        var expected = string.Join(' ', keys.Select(key => $"{key.Slot}={Id(key.Key)}"));
        return Eventually.IsAsync(() => Ring == expected);
    }

    public static string Id(SandboxKey key) => key.Value[^4..];

    public async ValueTask DisposeAsync()
    {
        foreach (var key in Gemini.Keys)
        {
            Edge.Secrets.AddUpstreamKey(key.Value);
        }

        await Edge.DisposeAsync();
        await _bed.DisposeAsync();
    }
}
