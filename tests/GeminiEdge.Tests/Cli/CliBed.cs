using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Fleet;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli;

/// <summary>A vault and a Gemini for `edgectl` to work on; looks for keys in all that it says.</summary>
internal sealed class CliBed : IAsyncDisposable
{
    private readonly string _pem = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pem");
    private readonly SecretWatch _watch = new();
    private readonly List<CliRun> _runs = [];
    private readonly List<CliWorld> _worlds = [];

    private CliBed(KeyVaultSandbox vault, GeminiSandbox gemini, HastyTime time)
    {
        (Vault, Gemini, Time) = (vault, gemini, time);
        vault.WriteCertificatePem(_pem);
        Environment = new(vault.ChildEnvironment(_pem))
        {
            ["GEMINI_KEYVAULT_URI"] = vault.PublicVaultUri.AbsoluteUri,
            ["GEMINI_BASE_URL"] = gemini.BaseUrl.AbsoluteUri,
        };
    }

    public KeyVaultSandbox Vault { get; }

    public GeminiSandbox Gemini { get; }

    /// <summary>What the command finds in its environment.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>The vault's clock and the command's; where a process runs on the bed, it is the system's.</summary>
    public HastyTime Time { get; }

    public static async Task<CliBed> StartAsync(KeyVaultRole role = KeyVaultRole.SecretsOfficer, bool byAccessPolicies = false)
    {
        var time = new HastyTime();
        return new(await KeyVaultSandbox.StartAsync(new() { ManagedIdentityRole = role, TimeProvider = time, UsesAccessPolicies = byAccessPolicies }), await GeminiSandbox.StartAsync(), time);
    }

    /// <summary>Names a fleet register, and trusts it.</summary>
    public void Use(Azurite azurite, string? app)
    {
        File.AppendAllText(_pem, azurite.CertificatePem);
        Environment["GEMINI_EDGE_FLEET"] = azurite.Endpoint.AbsoluteUri;
        if (app is not null)
        {
            Environment["WEBSITE_SITE_NAME"] = app;
        }
    }

    /// <summary>A key that Google knows.</summary>
    public SandboxKey AddKey(SandboxKeyState state = SandboxKeyState.Working)
    {
        var key = Gemini.AddKey(state: state);
        _watch.AddUpstreamKey(key.Value);
        return key;
    }

    /// <summary>Puts a key that Google knows into a slot.</summary>
    public SandboxKey Put(KeySlot slot, SandboxKeyState state = SandboxKeyState.Working, IReadOnlyDictionary<string, string>? tags = null, DateTimeOffset? expires = null)
    {
        var key = AddKey(state);
        Vault.Set(slot.Secret(), key.Value, tags, expires);
        return key;
    }

    /// <summary>Something else that was said.</summary>
    public void See(string where, string text) => _watch.See(where, text);

    /// <summary>The last four characters of what a slot's secret holds now; no test's output shows more.</summary>
    public string? IdOf(KeySlot slot) => Vault.Latest(slot.Secret())?.Value[^4..];

    /// <summary>Begins a command in this process.</summary>
    public CliCall Start(params string[] arguments) => Add(CliCall.Start(NewWorld().Create, arguments));

    /// <summary>The same in a terminal.</summary>
    public CliCall Start(Screen screen, params string[] arguments) => Add(CliCall.Start(NewWorld().Create, screen, arguments));

    /// <summary>Starts the built executable.</summary>
    public CliProcess StartProcess(params string[] arguments) => Add(CliProcess.Start(Environment, arguments));

    public Task<CliRun> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    public Task<CliRun> RunWithInputAsync(string input, params string[] arguments) => EndAsync(Start(arguments), input);

    public Task<CliRun> RunProcessAsync(params string[] arguments) => EndAsync(StartProcess(arguments));

    public async Task<CliRun> EndAsync(CliRun run, string input = "")
    {
        await run.EndAsync(input);
        _watch.See("standard output", run.Output);
        _watch.See("standard error", run.Errors);
        return run;
    }

    /// <summary>Looks through everything that was said.</summary>
    public async ValueTask DisposeAsync()
    {
        _runs.ForEach(run => run.Dispose());
        _worlds.ForEach(world => world.Dispose());
        foreach (var key in Gemini.Keys)
        {
            _watch.AddUpstreamKey(key.Value);
        }

        await Gemini.DisposeAsync();
        await Vault.DisposeAsync();
        File.Delete(_pem);
        _watch.AssertClean();
    }

    private CliWorld NewWorld()
    {
        var world = new CliWorld(new Dictionary<string, string>(Environment), Time);
        _worlds.Add(world);
        return world;
    }

    private TRun Add<TRun>(TRun run)
        where TRun : CliRun
    {
        _runs.Add(run);
        return run;
    }
}
