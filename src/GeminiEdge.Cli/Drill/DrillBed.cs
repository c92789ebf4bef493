using System.Collections.Immutable;
using System.Security.Cryptography;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Sandbox.TableStorage;

namespace GeminiEdge.Cli.Drill;

/// <summary>Everything a drill runs on: the simulators of Gemini, Key Vault and Table storage in this process, and the edges in theirs.</summary>
internal sealed class DrillBed : IAsyncDisposable
{
    // Longer than a machine under load takes to start a process; it fails at once when one of them ends.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(5);

    private readonly DirectoryInfo _folder;
    private readonly Dictionary<string, SandboxKey> _keys = [];
    private readonly TimeProvider _time;

    private DrillBed(string app, KeyVaultSandbox vault, GeminiSandbox gemini, TableSandbox tables, TimeProvider time)
    {
        (App, Vault, Gemini, Tables, _time) = (app, vault, gemini, tables, time);
        _folder = Directory.CreateTempSubdirectory($"edgectl-{app}-");
        (Uses, Operator) = (new UpstreamUses(time), new OperatorAccess(vault, time));
        Vault.AfterWrite = Writes.NoteAsync;
        Gemini.OnRequest = Uses.NoteAsync;
    }

    /// <summary>The edges' app, and what an operator is told that this is.</summary>
    public string App { get; }

    /// <summary>For what other processes read; gone at the end.</summary>
    public string Folder => _folder.FullName;

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

    /// <summary>What an operator presents to them.</summary>
    public string AdminKey { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Starts the simulators.</summary>
    public static async Task<DrillBed> StartAsync(TimeProvider time, CancellationToken cancellationToken, string app = "drill")
    {
        // A word each 80 ms: a long answer streams for more than three seconds, longer than any swap takes.
        var options = new GeminiSandboxOptions { ChunkDelay = TimeSpan.FromMilliseconds(80), WordsPerChunk = 1, RecordedRequests = 0 };
        var vault = await KeyVaultSandbox.StartAsync(cancellationToken: cancellationToken);

        // One certificate, so that an edge has one to trust.
        var tables = await TableSandbox.StartAsync(vault.Certificate, cancellationToken: cancellationToken);
        return new DrillBed(app, vault, await GeminiSandbox.StartAsync(options, cancellationToken), tables, time);
    }

    /// <summary>Puts the first two keys into the vault, starts the edges and waits until each has read them.</summary>
    /// <returns>Why one could not start.</returns>
    public Task<string?> StartEdgesAsync(TimeSpan refreshInterval, CancellationToken cancellationToken) =>
        StartEdgesAsync(DrillPace.Instances, NewKey(), NewKey(), refreshInterval, cancellationToken);

    /// <summary>The same with so many edges, and with these keys.</summary>
    public async Task<string?> StartEdgesAsync(int count, ApiKey primary, ApiKey secondary, TimeSpan refreshInterval, CancellationToken cancellationToken)
    {
        await WriteByHandAsync(KeySlot.Primary, primary, cancellationToken);
        await WriteByHandAsync(KeySlot.Secondary, secondary, cancellationToken);
        var settings = Settings(refreshInterval);
        Edges = [.. Enumerable.Range(1, count).Select(number => EdgeInstance.Start(number, new Dictionary<string, string>(settings) { ["WEBSITE_INSTANCE_ID"] = $"edge-{number}" }))];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var limit = _time.CreateTimer(_ => patience.Cancel(), null, count * StartPatience, Timeout.InfiniteTimeSpan);
        foreach (var edge in Edges)
        {
            try
            {
                if (await edge.Listening.WaitAsync(patience.Token) is null)
                {
                    return $"Edge {edge.Number} ended instead of listening. It said: {edge.Errors}";
                }

                await ReadsAsync(edge, Writes.Last(KeySlot.Secondary), patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return $"Edge {edge.Number} did not read its keys within {count * StartPatience.TotalSeconds:0} s. It said: {edge.Errors}";
            }
        }

        return null;
    }

    // On a busy machine an edge's first reading may fail, and without traffic it has no reason for a second.
    private async Task ReadsAsync(EdgeInstance edge, SlotWrite write, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("x-goog-api-key", AdminKey);
        var reads = edge.Lines.WaitForAsync(write, cancellationToken);
        while (await Task.WhenAny(reads, Task.Delay(ReadPatience, _time, cancellationToken)) != reads)
        {
            try
            {
                using var answer = await http.PostAsync(new Uri(edge.Url, "/api/admin/refresh"), null, cancellationToken);
            }
            catch (HttpRequestException)
            {
                // It has ended, or is just as busy: its patience tells.
            }
        }

        await reads;
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

    /// <summary>With this the operator's own command works here.</summary>
    public Dictionary<string, string> OperatorSettings(TimeSpan refreshInterval) => new(CommonSettings(refreshInterval))
    {
        ["AZURE_CLIENT_ID"] = OperatorAccess.Principal,
        ["GEMINI_MODEL"] = UpstreamUses.ProbeModel,
    };

    private Dictionary<string, string> Settings(TimeSpan refreshInterval) => new(CommonSettings(refreshInterval))
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["GEMINI_EDGE_CLIENT_KEYS"] = ClientKey,
        ["GEMINI_EDGE_ADMIN_KEYS"] = AdminKey,
    };

    private Dictionary<string, string> CommonSettings(TimeSpan refreshInterval)
    {
        var certificate = Path.Combine(Folder, "vault.pem");
        Vault.WriteCertificatePem(certificate);
        return new Dictionary<string, string>(Vault.ChildEnvironment(certificate))
        {
            ["GEMINI_BASE_URL"] = Gemini.BaseUrl.AbsoluteUri,
            ["GEMINI_KEYVAULT_URI"] = Vault.PublicVaultUri.AbsoluteUri,
            ["GEMINI_EDGE_FLEET"] = Tables.Endpoint.AbsoluteUri,
            ["WEBSITE_SITE_NAME"] = App,
            ["GeminiEdge__RefreshInterval"] = refreshInterval.ToString("c"),
        };
    }
}
