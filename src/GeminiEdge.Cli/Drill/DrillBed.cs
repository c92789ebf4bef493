using System.Collections.Immutable;
using System.Security.Cryptography;
using GeminiEdge.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Sandbox.TableStorage;

namespace GeminiEdge.Cli.Drill;

/// <summary>Everything a drill runs on: the simulators of Gemini, Key Vault and Table storage in this process, and the edges in theirs.</summary>
internal sealed class DrillBed : IAsyncDisposable
{
    /// <summary>The edges' app.</summary>
    public const string App = "drill";

    // Longer than a machine under load takes to start four processes; it fails at once when one of them ends.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgectl-drill-");
    private readonly Dictionary<string, SandboxKey> _keys = [];
    private readonly TimeProvider _time;

    private DrillBed(KeyVaultSandbox vault, GeminiSandbox gemini, TableSandbox tables, TimeProvider time)
    {
        (Vault, Gemini, Tables, _time) = (vault, gemini, tables, time);
        (Uses, Operator) = (new UpstreamUses(time), new OperatorAccess(vault, time));
        Vault.AfterWrite = Writes.NoteAsync;
        Gemini.OnRequest = Uses.NoteAsync;
    }

    public KeyVaultSandbox Vault { get; }

    public GeminiSandbox Gemini { get; }

    /// <summary>The fleet register's storage.</summary>
    public TableSandbox Tables { get; }

    public OperatorAccess Operator { get; }

    public SlotWrites Writes { get; } = new();

    public UpstreamUses Uses { get; }

    public ImmutableArray<EdgeInstance> Edges { get; private set; } = [];

    /// <summary>What the load presents to the edges.</summary>
    public string ClientKey { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Starts the simulators.</summary>
    public static async Task<DrillBed> StartAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        // A word each 80 ms: a long answer streams for more than three seconds, longer than any swap takes.
        var options = new GeminiSandboxOptions { ChunkDelay = TimeSpan.FromMilliseconds(80), WordsPerChunk = 1, RecordedRequests = 0 };
        var vault = await KeyVaultSandbox.StartAsync(cancellationToken: cancellationToken);

        // One certificate, so that an edge has one to trust.
        var tables = await TableSandbox.StartAsync(vault.Certificate, cancellationToken: cancellationToken);
        return new DrillBed(vault, await GeminiSandbox.StartAsync(options, cancellationToken), tables, time);
    }

    /// <summary>Puts the first two keys into the vault, starts the edges and waits until each has read them.</summary>
    /// <returns>Why one could not start.</returns>
    public async Task<string?> StartEdgesAsync(TimeSpan refreshInterval, CancellationToken cancellationToken)
    {
        await WriteByHandAsync(KeySlot.Primary, NewKey(), cancellationToken);
        await WriteByHandAsync(KeySlot.Secondary, NewKey(), cancellationToken);
        var settings = Settings(refreshInterval);
        Edges = [.. Enumerable.Range(1, DrillPace.Instances).Select(number => EdgeInstance.Start(number, new Dictionary<string, string>(settings) { ["WEBSITE_INSTANCE_ID"] = $"edge-{number}" }))];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var limit = _time.CreateTimer(_ => patience.Cancel(), null, StartPatience, Timeout.InfiniteTimeSpan);
        foreach (var edge in Edges)
        {
            try
            {
                if (await edge.Listening.WaitAsync(patience.Token) is null)
                {
                    return $"Edge {edge.Number} ended instead of listening. It said: {edge.Errors}";
                }

                await edge.Lines.WaitForAsync(Writes.Last(KeySlot.Secondary), patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return $"Edge {edge.Number} did not read its keys within {StartPatience.TotalSeconds:0} s. It said: {edge.Errors}";
            }
        }

        return null;
    }

    /// <summary>A new key at Google, of a project of its own.</summary>
    public ApiKey NewKey()
    {
        // Evidence names keys by their last four characters, so no two of them may share these.
        SandboxKey key;
        do
        {
            key = Gemini.AddKey(project: $"projects/{1001 + Gemini.Keys.Count}");
        }
        while (!_keys.TryAdd(key.Value[^4..], key));
        return ApiKey.Create(key.Value).Key!;
    }

    /// <summary>Google deletes a key: from now on it is no valid one.</summary>
    public void Kill(string keyId) => _keys[keyId].State = SandboxKeyState.Invalid;

    /// <summary>Google refuses a key for everything but the operator's probes.</summary>
    public void RefuseTraffic(string keyId)
    {
        foreach (var model in Gemini.Options.Models.Where(model => model.Name != UpstreamUses.ProbeModel))
        {
            _keys[keyId].SetState(model.Name, SandboxKeyState.Blocked);
        }
    }

    /// <summary>Google is overloaded for every key, or is no more.</summary>
    public void Overload(bool isOverloaded)
    {
        foreach (var key in _keys.Values)
        {
            key.State = isOverloaded ? SandboxKeyState.Overloaded : SandboxKeyState.Working;
        }
    }

    /// <summary>What updating a secret by hand is, in the portal or with `az keyvault secret set`.</summary>
    public async Task<SlotWrite> WriteByHandAsync(KeySlot slot, ApiKey key, CancellationToken cancellationToken)
    {
        await Operator.Client.SetSecretAsync(slot.Secret(), key.Reveal(), cancellationToken);
        return Writes.Last(slot);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var edge in Edges)
        {
            edge.Dispose();
        }

        Operator.Dispose();
        await Tables.DisposeAsync();
        await Vault.DisposeAsync();
        await Gemini.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private Dictionary<string, string> Settings(TimeSpan refreshInterval)
    {
        var certificate = Path.Combine(_folder.FullName, "vault.pem");
        Vault.WriteCertificatePem(certificate);
        return new Dictionary<string, string>(Vault.ChildEnvironment(certificate))
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["GEMINI_BASE_URL"] = Gemini.BaseUrl.AbsoluteUri,
            ["GEMINI_KEYVAULT_URI"] = Vault.PublicVaultUri.AbsoluteUri,
            ["GEMINI_EDGE_FLEET"] = Tables.Endpoint.AbsoluteUri,
            ["WEBSITE_SITE_NAME"] = App,
            ["GEMINI_EDGE_CLIENT_KEYS"] = ClientKey,
            ["GeminiEdge__RefreshInterval"] = refreshInterval.ToString("c"),
        };
    }
}
