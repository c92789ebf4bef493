using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Sandbox.TableStorage;
using GeminiEdge.Tests.Cli;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Workflows;

/// <summary>A vault, a Gemini, a fleet register and edges under load for a workflow's job, which gets at them as it does in Azure: by what `azure/login` leaves for `az`.</summary>
internal sealed class WorkflowBed : IAsyncDisposable
{
    private const string App = "app-of-the-workflow";

    // What edgectl probes with, while the load asks the usual one.
    private const string ProbeModel = "gemini-flash-lite-latest";

    // As `az account get-access-token --output json --resource https://…` answers.
    private const string Az = """
        #!/usr/bin/env bash
        while (( $# > 1 )); do [[ $1 == --resource ]] && resource=${2#https://}; shift; done
        cat "$(dirname "$0")/${resource%/}.json" 2> /dev/null || { echo "ERROR: Please run 'az login' to setup account." >&2; exit 1; }
        """;

    /// <summary>A repository that nobody has set up.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoVariables = new[]
    {
        "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID", "GEMINI_KEYVAULT_URI", "GEMINI_KEYVAULT_MAX_AGE", "GEMINI_EDGE_FLEET", "GEMINI_EDGE_APP", "GEMINI_EDGE_REFRESH_INTERVAL", "GEMINI_BASE_URL", "GEMINI_MODEL",
    }.ToDictionary(name => name, _ => "");

    private readonly string _workspace;
    private readonly IReadOnlyDictionary<string, string> _installed;
    private readonly DirectoryInfo _programs = Directory.CreateTempSubdirectory("gemini-edge-programs-");
    private readonly CancellationTokenSource _end = new();
    private readonly List<EdgeProcess> _edges = [];
    private readonly List<Task> _load = [];
    private readonly List<JobRun> _runs = [];
    private readonly ConcurrentQueue<HttpStatusCode> _answers = new();

    private WorkflowBed(Checkout? checkout, CliBed vault, TableSandbox tables)
    {
        (Cli, Tables) = (vault, tables);
        _workspace = checkout?.Folder ?? Repository.PathOf();
        _installed = checkout?.Installed ?? Workflow.All.SelectMany(workflow => workflow.Steps).Where(step => step.Name == Checkout.InstallStep).Select(step => step.Run!).Distinct().ToDictionary(run => run, _ => _programs.FullName);
        Variables = new(NoVariables)
        {
            ["AZURE_CLIENT_ID"] = "the-client",
            ["AZURE_TENANT_ID"] = "the-tenant",
            ["AZURE_SUBSCRIPTION_ID"] = "the-subscription",
            ["GEMINI_KEYVAULT_URI"] = vault.Environment["GEMINI_KEYVAULT_URI"],
            ["GEMINI_EDGE_FLEET"] = tables.Endpoint.AbsoluteUri,
            ["GEMINI_EDGE_APP"] = App,
            ["GEMINI_EDGE_REFRESH_INTERVAL"] = "00:00:01",
            ["GEMINI_BASE_URL"] = vault.Environment["GEMINI_BASE_URL"],
            ["GEMINI_MODEL"] = ProbeModel,
        };
        AddProgram("az", Az);
    }

    public CliBed Cli { get; }

    public TableSandbox Tables { get; }

    /// <summary>The repository's variables.</summary>
    public Dictionary<string, string> Variables { get; }

    /// <summary>How often `azure/login` ran.</summary>
    public int SignIns { get; private set; }

    /// <summary>What `actions/upload-artifact` took: the names of files.</summary>
    public IReadOnlyList<string> Artifact { get; private set; } = [];

    /// <summary>How the load's requests were answered.</summary>
    public IReadOnlyCollection<HttpStatusCode> Answers => _answers;

    /// <param name="checkout">What edgectl is built from; without it a stand-in is installed, or none.</param>
    public static async Task<WorkflowBed> StartAsync(Checkout? checkout = null)
    {
        // The edges' role; the job signs in as somebody else.
        var cli = await CliBed.StartAsync(KeyVaultRole.SecretsUser);
        return new(checkout, cli, await TableSandbox.StartAsync(cli.Vault.Certificate));
    }

    /// <summary>Starts edges and load, and waits until each has read its keys and is in the register.</summary>
    public async Task StartEdgesAsync(int count)
    {
        for (var number = 1; number <= count; number++)
        {
            _edges.Add(EdgeProcess.Start(
            [
                .. Cli.Environment.Select(variable => (variable.Key, variable.Value)),
                ("ASPNETCORE_ENVIRONMENT", "Development"),
                ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
                ("GEMINI_EDGE_FLEET", Tables.Endpoint.AbsoluteUri),
                ("GeminiEdge__RefreshInterval", "00:00:01"),
                ("WEBSITE_SITE_NAME", App),
                ("WEBSITE_INSTANCE_ID", $"edge-{number}"),
            ]));
        }

        foreach (var edge in _edges)
        {
            var url = await edge.Listening;
            await edge.Log.WaitForAsync("ring_changed");
            _load.Add(LoadAsync(new Uri(url, "/api/generate")));
            await edge.Log.WaitForAsync("gemini_ok");
        }
    }

    /// <summary>Google refuses a key for everything but the operator's probes.</summary>
    public void RefuseTraffic(SandboxKey key)
    {
        foreach (var model in Cli.Gemini.Options.Models.Where(model => model.Name != ProbeModel))
        {
            key.SetState(model.Name, SandboxKeyState.Blocked);
        }
    }

    /// <summary>Puts a script in edgectl's place.</summary>
    public void StandIn(string script) => AddProgram("edgectl", script);

    /// <summary>Runs a workflow's job to its end.</summary>
    /// <param name="inputs">What a person gave it; null for the schedule.</param>
    public async Task<JobRun> RunAsync(string workflow, Dictionary<string, object>? inputs = null, string? cancelledIn = null)
    {
        var run = await JobRun.RunAsync(Workflow.Open(workflow), new(_workspace, Machine(), Variables)
        {
            Inputs = inputs,
            CancelledIn = cancelledIn,
            Done = _installed,
            Actions = new Dictionary<string, Action<IReadOnlyDictionary<string, string>>>
            {
                ["actions/checkout"] = with => Assert.Equal("false", with["persist-credentials"]),
                ["actions/setup-dotnet"] = with => Assert.Empty(with),
                ["actions/download-artifact"] = with => Assert.Equal("edgectl", with["name"]),
                ["azure/login"] = SignIn,
                ["actions/upload-artifact"] = with => Artifact = Directory.Exists(with["path"]) ? [.. Directory.EnumerateFiles(with["path"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [],
            },
        });
        _runs.Add(run);
        Cli.See("log", run.Log);
        Cli.See("summary", run.Summary);
        foreach (var file in Directory.EnumerateFiles(run.Temp, "*", SearchOption.AllDirectories))
        {
            Cli.See(Path.GetFileName(file), await File.ReadAllTextAsync(file));
        }

        return run;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_load);
        foreach (var edge in _edges)
        {
            await edge.DisposeAsync();
        }

        _runs.ForEach(run => run.Dispose());
        await Tables.DisposeAsync();
        _programs.Delete(recursive: true);
        _end.Dispose();
        await Cli.DisposeAsync();
    }

    private void AddProgram(string name, string script)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The workflows' steps are run by bash, as on GitHub's Linux runners.");
        }

        var path = Path.Combine(_programs.FullName, name);
        File.WriteAllText(path, script);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Dictionary<string, string> Machine() => new()
    {
        ["PATH"] = $"{_programs.FullName}:{Environment.GetEnvironmentVariable("PATH")}",
        ["SSL_CERT_FILE"] = Cli.Environment["SSL_CERT_FILE"],
        ["HTTPS_PROXY"] = Cli.Environment["HTTPS_PROXY"],
        ["NO_PROXY"] = Cli.Environment["NO_PROXY"],
    };

    private void SignIn(IReadOnlyDictionary<string, string> with)
    {
        Assert.Equal(["the-client", "the-tenant", "the-subscription"], [with["client-id"], with["tenant-id"], with["subscription-id"]]);
        SignIns++;

        // What was handed out before is worth nothing any more.
        Cli.Vault.RevokeTokens("workflow");
        Write("vault.azure.net", Cli.Vault.IssueToken("workflow", KeyVaultRole.SecretsOfficer));
        Write("storage.azure.com", Tables.IssueToken("workflow"));

        void Write(string resource, string token)
        {
            var end = TimeProvider.System.GetUtcNow().AddHours(1);
            File.WriteAllText(Path.Combine(_programs.FullName, $"{resource}.json"), new JsonObject
            {
                ["accessToken"] = token,
                ["expiresOn"] = end.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture),
                ["expires_on"] = end.ToUnixTimeSeconds(),
                ["tokenType"] = "Bearer",
            }.ToJsonString());
        }
    }

    private async Task LoadAsync(Uri address)
    {
        using var http = new HttpClient();
        while (!_end.IsCancellationRequested)
        {
            using var body = new StringContent("""{"prompt":"Say hello"}""", Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(address, body);
            _answers.Enqueue(answer.StatusCode);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
