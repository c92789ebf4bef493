using System.Collections.Concurrent;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Sandbox;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Rotation;

/// <summary>A vault, a Gemini and operators, on a clock whose waits are over at once.</summary>
internal sealed class RotationBed : IAsyncDisposable
{
    private readonly KeyVaultBed _bed;
    private readonly GeminiSandbox _gemini;
    private readonly bool _connected;
    private readonly UpstreamClient _upstream;
    private readonly KeyProbe _probe;
    private readonly ConcurrentDictionary<string, Azure.Security.KeyVault.Secrets.SecretClient> _clients = new();

    private RotationBed(KeyVaultBed bed, GeminiSandbox gemini, SkippingTime time, bool connected)
    {
        (_bed, _gemini, Time, _connected) = (bed, gemini, time, connected);
        var options = new ForwardingOptions { BaseUrl = gemini.BaseUrl.AbsoluteUri.TrimEnd('/') };
        _upstream = UpstreamClient.Create(options, TimeProvider.System);

        // Requests to Gemini take real time.
        _probe = new KeyProbe(options, _upstream, TimeProvider.System);
    }

    public KeyVaultSandbox Vault => _bed.Vault;

    public GeminiSandbox Gemini => _gemini;

    public SkippingTime Time { get; }

    public ConcurrentQueue<string> Progress { get; } = new();

    /// <summary>Hears each line of progress as it is said.</summary>
    public Action<string>? WhenSaid { get; set; }

    /// <param name="connected">Operators ask the vault by connections, which can be cut; otherwise in this process, which takes much less time.</param>
    /// <param name="byAccessPolicies">The vault goes by these instead of roles.</param>
    public static async Task<RotationBed> StartAsync(bool connected = false, TimeSpan retention = default, bool byAccessPolicies = false)
    {
        var time = new SkippingTime(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

        // What is deleted is gone at once: that is how a test begins anew.
        var bed = await KeyVaultBed.StartAsync(_ => new() { TimeProvider = time, Retention = retention, TokenLifetime = TimeSpan.FromDays(3650), UsesAccessPolicies = byAccessPolicies });
        return new(bed, await GeminiSandbox.StartAsync(new() { ChunkDelay = TimeSpan.Zero }, TestContext.Current.CancellationToken), time, connected);
    }

    /// <summary>A key that works, or is in another state, at Google.</summary>
    public string Key(SandboxKeyState state = SandboxKeyState.Working) => _gemini.AddKey(state: state).Value;

    public SandboxKey At(string key) => _gemini.Keys.Single(known => known.Value == key);

    public SandboxKey At(KeySlot slot) => At(Value(slot)!);

    /// <summary>Stores a key as an operator's `az` would.</summary>
    public string Put(KeySlot slot, string? key = null, DateTimeOffset? expires = null, Dictionary<string, string>? tags = null) =>
        Vault.Set(slot.Secret(), key ?? Key(), tags, expires).Value;

    /// <summary>The key in a slot; null when it holds none.</summary>
    public string? Value(KeySlot slot) =>
        Vault.Latest(slot.Secret()) is { Enabled: true } latest && latest.Value != SecretValue.Empty ? latest.Value : null;

    public string? StateTag(KeySlot slot) => Vault.Latest(slot.Secret())?.Tags.GetValueOrDefault(RotationTags.State);

    /// <summary>All ten slots' values.</summary>
    public string?[] Slots() => [.. KeySlots.All.Select(Value)];

    public Rotator Operator(string name = "anna@laptop", bool dryRun = false, KeyVaultRole role = KeyVaultRole.SecretsOfficer, double refreshSeconds = 30,
        Func<CancellationToken, Task<FleetReading>>? fleet = null, TimeProvider? time = null, DateTimeOffset? expires = null, TimeSpan? maxAge = null, Action<string?>? moment = null)
    {
        var client = _clients.GetOrAdd($"{name} {role}", _ => _connected ? _bed.Client(role, name) : _bed.ClientInProcess(role, name));
        return new Rotator(client, _probe, time ?? Time, new RotatorOptions
        {
            Operator = name,
            DryRun = dryRun,
            RefreshInterval = TimeSpan.FromSeconds(refreshSeconds),
            Fleet = fleet,
            Expires = expires,
            MaxAge = maxAge,
            Moment = moment,
        }, Hear);
    }

    private void Hear(string line)
    {
        Progress.Enqueue(line);
        WhenSaid?.Invoke(line);
    }

    /// <summary>Promoted as `promote` leaves it: OLD's key is PRIMARY's former one.</summary>
    public async Task PromoteAsync()
    {
        Put(KeySlot.Primary);
        Put(KeySlot.Secondary);
        AssertEnded(RotationOutcome.Done, await Operator("before@laptop").PromoteAsync(KeySlot.Primary, replaceOld: false, default));
    }

    /// <summary>All values that enabled versions of the slots hold.</summary>
    public HashSet<string> Values() =>
        [.. KeySlots.All.SelectMany(slot => Vault.Versions(slot.Secret())).Where(version => version.Enabled && version.Value != SecretValue.Empty).Select(version => version.Value)];

    /// <summary>What must hold after every write, whoever stops there.</summary>
    public void AssertSafe(HashSet<string> before, params string?[] mayGo)
    {
        Assert.Contains(ColdEdge.Ring(Time.GetUtcNow(), Reading(LeakedKeys.Secret), slot => Reading(slot.Secret())), value => At(value.Key.Reveal()).State == SandboxKeyState.Working);
        Assert.True(before.Except(mayGo).ToHashSet().IsSubsetOf(Values()), "A key stands nowhere any more.");
        Assert.All(Vault.Names, name => Assert.True(Vault.Latest(name)!.Enabled, $"{name}'s newest version is disabled."));
    }

    /// <summary>What an edge that starts now reads into its ring, through the vault.</summary>
    public async Task<HashSet<string>> RingAsync()
    {
        var reading = await new VaultKeySource(_bed.ClientInProcess(KeyVaultRole.SecretsUser, "edge"), Time).ReadAsync(KeySlots.All);
        return [.. new VaultRing().Take(reading, [], Time.GetUtcNow()).Values.Select(value => value.Key.Reveal())];
    }

    private SecretReading Reading(string secret) => Vault.Latest(secret) switch
    {
        null => SecretReading.Missing,
        { Enabled: false } => SecretReading.Disabled,
        var latest => new SecretReading(latest.Value, latest.Version, latest.ExpiresOn),
    };

    /// <summary>Fails with what the command said.</summary>
    public static void AssertEnded(RotationOutcome expected, RotationResult result) =>
        Assert.True(expected == result.Outcome, $"{result.Outcome}: {result.Message}");

    /// <summary>Empties the vault; nothing fails any more.</summary>
    public void Reset()
    {
        CalmDown();
        foreach (var name in Vault.Names)
        {
            Vault.Delete(name);
        }
    }

    /// <summary>Nothing fails any more, and who comes next is a new process: it has no connection that was cut.</summary>
    public void CalmDown()
    {
        _clients.Clear();
        (Vault.Fault, Vault.OnRequest, Vault.BeforeWrite, Vault.AfterWrite) = (KeyVaultFault.None, null, null, null);
    }

    public async ValueTask DisposeAsync()
    {
        _upstream.Dispose();
        await _gemini.DisposeAsync();
        await _bed.DisposeAsync();
    }
}
