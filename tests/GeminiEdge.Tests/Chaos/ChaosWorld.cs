using System.Globalization;
using Azure.Core.Pipeline;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Fleet;
using GeminiEdge.Tests.Sandbox;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Chaos;

/// <summary>The whole edge, its vault, its operator and its network in one process and on one clock, which goes on when all of them wait.</summary>
internal sealed partial class ChaosWorld : IAsyncDisposable
{
    // Whoever wakes up does so on other threads, and is given so many turns before time goes on.
    private const int Turns = 100;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);
    private static readonly double[] Waits = [0.5, 1, 5, 30, 46, 60, 170, 301, 1800, 7200, 90_000];
    private static readonly KeyVaultFault[] VaultFaults = [KeyVaultFault.None, KeyVaultFault.Unavailable503, KeyVaultFault.Throttled429, KeyVaultFault.Forbidden403, KeyVaultFault.Outage];

    private readonly int _seed;
    private readonly ChaosTime _time;
    private readonly KeyVaultBed _bed;
    private readonly ChaosGoogle _google;
    private readonly ChaosNetwork _network;
    private readonly UpstreamClient _probing;
    private readonly KeyProbe _probe;
    private readonly List<string> _faults = [];
    private readonly List<(string Where, string Text)> _seen = [];
    private readonly ChaosRegister _register = new();
    private InProcessEdge _edge;
    private string _newest = "";
    private long _vaultProgress;
    private int _active;
    private int _requests;
    private int _restarts;
    private int _extra;

    private ChaosWorld(int seed, KeyVaultBed bed, ChaosTime time)
    {
        (_seed, _bed, _time, _google) = (seed, bed, time, new ChaosGoogle(seed));
        _network = new ChaosNetwork(_google, time);
        var options = new ForwardingOptions { BaseUrl = ChaosGoogle.Url };
        _probing = new UpstreamClient(options, _network.CreateHandler());
        _probe = new KeyProbe(options, _probing, TimeProvider.System);
        bed.Vault.OnRequest = _ =>
        {
            Interlocked.Increment(ref _vaultProgress);
            return null;
        };
        bed.Vault.Set(KeySlot.Primary.Secret(), _google.NewKey());
        bed.Vault.Set(KeySlot.Secondary.Secret(), _google.NewKey());
        _edge = Start();
    }

    /// <summary>Extra attempts for a hundred requests: half of the seeds allow none.</summary>
    private int ExtraAttempts => _seed % 2 == 0 ? 0 : 10;

    private long Progress => _network.Progress + Interlocked.Read(ref _vaultProgress);

    /// <summary>What happened, for who wants to know whether there was anything to break.</summary>
    public ChaosCounts Counts { get; } = new();

    public static async Task<ChaosWorld> StartAsync(int seed)
    {
        var time = new ChaosTime();
        return new ChaosWorld(seed, await KeyVaultBed.StartAsync(_ => new() { TimeProvider = time, TokenLifetime = TimeSpan.FromDays(3650), RecordedRequests = 0 }, time), time);
    }

    /// <summary>Lets all of it happen.</summary>
    /// <returns>What must not be, and is.</returns>
    public async Task<IReadOnlyList<string>> PlayAsync(IEnumerable<ChaosStep> steps)
    {
        foreach (var step in steps)
        {
            await PlayAsync(step);
            if (_faults.Count > 0)
            {
                return [.. _faults, .. _edge.Log.TakeLast(20)];
            }
        }

        await HealAsync();
        await StopAsync();
        if (!_register.Row.Contains(_newest, StringComparison.Ordinal))
        {
            _faults.Add($"The register works again, and the edge's last row does not name …{_newest}.");
        }

        _probing.Dispose();
        await UntilAsync(() => _network.Open == 0, "a connection is left open");
        await UntilAsync(() => _time.Waits == 0, "somebody still waits for the clock");
        CheckTexts();
        return _faults;
    }

    public async ValueTask DisposeAsync()
    {
        _edge.Dispose();
        _probing.Dispose();
        _network.Dispose();
        _register.Dispose();
        await _bed.DisposeAsync();
    }

    private async Task PlayAsync(ChaosStep step)
    {
        switch (step.Kind)
        {
            case ChaosStepKind.Ask:
                await DriveAsync(Task.WhenAll(Enumerable.Range(0, 1 + (step.What % 3)).Select(at => AskAsync(ChaosCall.All[(step.Which + at) % ChaosCall.All.Length], "r", CancellationToken.None))));
                break;
            case ChaosStepKind.Poison:
                await DriveAsync(AskAsync(ChaosCall.All[step.Which % ChaosCall.All.Length], "p", CancellationToken.None));
                break;
            case ChaosStepKind.Leave:
                await LeaveAsync(ChaosCall.All[step.Which % ChaosCall.All.Length], step.What % 60);
                break;
            case ChaosStepKind.Key:
                _google.Fail(AnyKey(step), step.What);
                break;
            case ChaosStepKind.Revive:
                _google.Revive(AnyKey(step));
                break;
            case ChaosStepKind.Storm:
                _google.IsStorm = step.What % 2 == 0;
                break;
            case ChaosStepKind.Spoil:
                _google.Spoiled = step.What % 3 * 30;
                break;
            case ChaosStepKind.Wait:
                _time.Advance(TimeSpan.FromSeconds(Waits[step.What % Waits.Length]));
                break;
            case ChaosStepKind.Jump:
                _time.Jump = TimeSpan.FromMinutes(step.What % 2 == 0 ? 0 : (step.Which % 240) - 120);
                break;
            case ChaosStepKind.Vault:
                _bed.Vault.Fault = VaultFaults[step.What % VaultFaults.Length];
                break;
            case ChaosStepKind.Register:
                _register.Fault = (RegisterFault)(step.What % 5);
                break;
            case ChaosStepKind.Restart:
                await StopAsync();
                _edge = Start();
                break;
            default:
                await DriveAsync(RotateAsync(step));
                break;
        }
    }

    private string AnyKey(ChaosStep step) => _google.Keys.ElementAt(step.Which % _google.Keys.Count);

    private InProcessEdge Start()
    {
        var random = new Random(_seed + ++_restarts);
        _google.Failed.Clear();
        return new InProcessEdge([], _network.CreateHandler(), _time, new()
        {
            ["GEMINI_BASE_URL"] = ChaosGoogle.Url,
            ["GeminiEdge:ExtraAttempts"] = ExtraAttempts.ToString(CultureInfo.InvariantCulture),
        }, random.NextDouble, vault: _bed.ClientInProcess(KeyVaultRole.SecretsUser, "edge"),
            fleet: new FleetTable(ChaosRegister.Endpoint, new StorageToken(), _time, new HttpClientTransport(_register)));
    }

    private async Task StopAsync()
    {
        // A register that answers takes no time, and none is to pass while it does.
        await (_register.Fault == RegisterFault.None ? _edge.StopAsync() : DriveAsync(_edge.StopAsync()));
        if (_edge.MemoryUsed != 0)
        {
            _faults.Add($"{_edge.MemoryUsed} bytes of the edge's buffers were not given back.");
        }

        Counts.Count(_edge.Log);
        _seen.Add(("A row of the register", _register.Row));
        _seen.AddRange(_edge.Log.Select(line => ("A log line", line)));
        _edge.Dispose();
    }

    /// <summary>The real rotation, by an operator who may find the vault away; whatever it says, it ends.</summary>
    private async Task RotateAsync(ChaosStep step)
    {
        Interlocked.Increment(ref _active);
        var rotator = new Rotator(_bed.ClientInProcess(KeyVaultRole.SecretsOfficer, "anna"), _probe, _time, new RotatorOptions { Operator = "anna@laptop" }, line => _seen.Add(("What an operator read", line)));
        var result = step.Kind switch
        {
            ChaosStepKind.RollBack => await rotator.RollbackAsync(default),
            ChaosStepKind.Leak => await rotator.LeakAsync(step.Which % 3 == 0 ? KeySlot.Secondary : KeySlot.Primary, null, ApiKey.Create(_google.NewKey()).Key, default),
            ChaosStepKind.Purge => await rotator.PurgeAsync(default),
            _ => await rotator.SetAsync(KeySlot.Secondary, ApiKey.Create(_google.NewKey()).Key!, default) is { Outcome: not RotationOutcome.Done } refused
                ? refused
                : await rotator.PromoteAsync(KeySlot.Primary, replaceOld: true, default),
        };
        Interlocked.Decrement(ref _active);
        Counts.Rotations += result.Outcome == RotationOutcome.Done ? 1 : 0;
        _seen.Add(("What an operator read", result.Message));
    }

    private async Task LeaveAsync(ChaosCall call, int turns)
    {
        using var caller = new CancellationTokenSource();
        var asked = AskAsync(call, "r", caller.Token);
        for (var turn = 0; turn < turns; turn++)
        {
            await Task.Yield();
        }

        await caller.CancelAsync();
        await DriveAsync(asked);
    }

    /// <summary>Everything works again, and an operator has stored a new key by hand: then the edge answers, whatever was before.</summary>
    private async Task HealAsync()
    {
        (_bed.Vault.Fault, _register.Fault, _time.Jump) = (KeyVaultFault.None, RegisterFault.None, TimeSpan.Zero);
        _google.Heal();
        var key = _google.NewKey();
        _newest = key[^4..];
        _bed.Vault.Set(KeySlot.Primary.Secret(), key);
        _time.Advance(TimeSpan.FromDays(2));

        // Asked for, because on a busy machine a reading is late by this clock, and no request is kept waiting for it.
        _ = await _edge.SendAsync("/api/admin/refresh");
        foreach (var call in ChaosCall.All)
        {
            var answer = await DriveAsync(AskAsync(call, "r", CancellationToken.None));
            if (!IsHurried(answer, []) && (answer.Status != 200 || answer.Header("x-gemini-edge-key-id") != key[^4..]))
            {
                _faults.Add($"Everything works again, and {call.Name} is answered with {answer.Status} by …{answer.Header("x-gemini-edge-key-id")} instead of …{key[^4..]}: {(answer.Status == 200 ? "" : answer.Body)}; the ring is {string.Join(' ', _edge.Ring.Keys.Select(other => $"{other.Slot.Name()}={other.Id}"))}");
            }
        }

        await UntilAsync(() => _network.Busy + _network.Stalled == 0, "a request to Google goes on, and nobody waits for it");
    }

    private async Task UntilAsync(Func<bool> isSo, string otherwise)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (!isSo() && !patience.IsCancellationRequested)
        {
            await Task.Yield();
        }

        if (!isSo())
        {
            _faults.Add($"In the end {otherwise}.");
        }
    }

    /// <summary>Time goes on whenever nothing else does, until this has ended.</summary>
    private async Task<T> DriveAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            var before = Progress;
            for (var turn = 0; turn < Turns && !task.IsCompleted; turn++)
            {
                await Task.Yield();
            }

            // Whoever works takes no time; only when all of them wait, for it or for an answer that doesn't come, it goes on.
            if (!task.IsCompleted && _network.Busy == 0 && Progress == before && _network.Stalled + _time.Waits >= Volatile.Read(ref _active))
            {
                _time.Advance(_network.Stalled > 0 ? Silence : Moment);
            }
        }

        return await task;
    }

    private Task<bool> DriveAsync(Task task) => DriveAsync(EndAsync(task));

    private static async Task<bool> EndAsync(Task task)
    {
        await task;
        return true;
    }
}
