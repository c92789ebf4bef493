using System.Diagnostics;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Cli;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Functions.Host;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Infra;

/// <summary>How infra/deploy ended, and what it said.</summary>
internal sealed record DeployRun(int ExitCode, string Output, string Errors)
{
    public string All => Output + Errors;
}

/// <summary>
/// A machine for infra/deploy: a checkout of its own, `az` and `func` as scripts that write down what they are asked, and the
/// real edgectl on a vault and a Gemini. What `az` says the app's address is, is an edge behind the host's stand-in.
/// </summary>
internal sealed class DeployBed : IAsyncDisposable
{
    public const string App = "geminiedge-k3x7";
    public const string Url = "http://127.0.0.1:9";
    public const string Me = "0b5a1f2e-0000-4000-8000-00000000000e";

    public static readonly string[] Arguments = ["-g", "edge", "--location", "westeurope", "--yes"];
    public static readonly string[] WithoutKeys = [.. Arguments, "--skip-keys"];

    private const string Az = """
        #!/usr/bin/env bash
        state=$(dirname "$0")/../state
        # As edgectl asks for it, whose standard input holds a key.
        if [[ $* == *get-access-token* ]]; then cat "$state/token"; exit; fi
        echo "az $*" >> "$state/calls"
        cat > /dev/null
        if [[ -e $state/fails && "az $*" == "$(< "$state/fails")"* ]]; then echo "ERROR: (Forbidden) not with this account" >&2; exit 7; fi
        case $* in
          "account show "* | "group create "*) ;;
          "ad signed-in-user show "*) cat "$state/me" ;;
          "group exists "*) cat "$state/group" ;;
          "deployment group create "*) cat "$state/outputs" ;;
          "deployment group what-if "*) echo "Resource changes: 24 to create." ;;
          "rest --method get "*) cat "$state/unresolved" ;;
          "rest --method post "*) : > "$state/unresolved" ;;
          "functionapp keys list "*) cat "$state/function-key" ;;
          *) echo "ERROR: '$*' is misspelled or not recognized by the system." >&2; exit 2 ;;
        esac
        """;

    private const string Func = """
        #!/usr/bin/env bash
        state=$(dirname "$0")/../state
        echo "func $* (in ${PWD##*/root/}: $(ls | tr '\n' ' '))" >> "$state/calls"
        cat > /dev/null
        if [[ -e $state/fails && "func $*" == "$(< "$state/fails")"* ]]; then echo "Can't find app" >&2; exit 7; fi
        """;

    // Puts the files of the built app where a publish would.
    private const string Dotnet = """
        #!/usr/bin/env bash
        state=$(dirname "$0")/../state
        echo "dotnet $*" >> "$state/calls"
        cat > /dev/null
        if [[ -e $state/fails && "dotnet $*" == "$(< "$state/fails")"* ]]; then echo "error CS0000" >&2; exit 7; fi
        while (( $# > 1 )); do [[ $1 == --output ]] && folder=$2; shift; done
        mkdir -p "$folder"
        cp -R "$state/published/." "$folder"
        """;

    // A role that was given becomes known while somebody waits.
    private const string Sleep = """
        #!/usr/bin/env bash
        state=$(dirname "$0")/../state
        echo "sleep $*" >> "$state/calls"
        [[ ! -e $state/token-later ]] || mv "$state/token-later" "$state/token"
        exec /bin/sleep 0.2
        """;

    private static readonly string[] Basics = ["bash", "env", "cat", "cp", "rm", "mv", "ls", "mkdir", "mktemp", "dirname", "basename", "uname", "tr", "sed", "grep", "awk", "tee", "tar"];
    private static readonly string BuiltEdge = Path.GetDirectoryName(EdgeProcess.Executable)!;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gemini-edge-deploy-");
    private readonly List<string> _said = [];
    private FunctionsHost? _host;

    private DeployBed(CliBed cli)
    {
        Cli = cli;
        foreach (var name in (string[])["root/infra", "root/src/GeminiEdge.Functions", "root/src/GeminiEdge.Server", "state/published", "programs", "system"])
        {
            _folder.CreateSubdirectory(name);
        }

        File.Copy(Repository.PathOf("infra", "deploy"), PathOf("root", "infra", "deploy"));
        foreach (var basic in Basics)
        {
            File.CreateSymbolicLink(PathOf("system", basic), Find(basic));
        }

        AddProgram("az", Az);
        AddProgram("func", Func);
        AddProgram("dotnet", Dotnet);
        AddProgram("sleep", Sleep);
        AddProgram("curl", Recording("curl", Find("curl")));
        AddProgram("edgectl", Recording("edgectl", BuiltEdge.Replace("GeminiEdge.Server", "GeminiEdge.Cli", StringComparison.Ordinal) + "/edgectl"));
        Write("calls", "");
        Write("group", "false\n");
        Write("me", Me + "\n");
        Write("unresolved", "GEMINI_API_KEY_PRIMARY\nGEMINI_API_KEY_SECONDARY\n");
        Write("token", Token("operator", KeyVaultRole.SecretsOfficer));
        PutPublished("isolated");
        Answer(Url);
    }

    public CliBed Cli { get; }

    /// <summary>What was asked of the tools, in order.</summary>
    public IReadOnlyList<string> Calls => File.ReadAllLines(PathOf("state", "calls"));

    /// <summary>Its environment: nothing is on the path but the tools that are needed.</summary>
    public Dictionary<string, string> Machine => new()
    {
        ["PATH"] = $"{PathOf("programs")}:{PathOf("system")}",
        ["SSL_CERT_FILE"] = Cli.Environment["SSL_CERT_FILE"],
        ["HTTPS_PROXY"] = Cli.Environment["HTTPS_PROXY"],
        ["NO_PROXY"] = Cli.Environment["NO_PROXY"],
        ["GEMINI_BASE_URL"] = Cli.Environment["GEMINI_BASE_URL"],
    };

    public static async Task<DeployBed> StartAsync() => new(await CliBed.StartAsync(KeyVaultRole.SecretsUser));

    /// <summary>An app that is there: the host's stand-in, with an edge that reads the vault.</summary>
    public async Task<FunctionsHost> StartAppAsync()
    {
        _host = await FunctionsHost.StartAsync(BuiltEdge, [.. Cli.Environment.Select(variable => (variable.Key, variable.Value)), ("GeminiEdge__RefreshInterval", "00:00:01")]);
        Answer(_host.Url.AbsoluteUri.TrimEnd('/'));
        Write("function-key", _host.FunctionKey + "\n");
        return _host;
    }

    /// <summary>The files that a publish of this model is known by.</summary>
    public void PutPublished(string model)
    {
        Directory.Delete(PathOf("state", "published"), recursive: true);
        _folder.CreateSubdirectory("state/published/edge-1-health");
        if (model == "custom")
        {
            Write("published/host.json", Repository.Read("src", "GeminiEdge.Server", "CustomHandler", "host.json"));
            Write("published/edge-1-health/function.json", "{}");
            Write("published/GeminiEdge.Server", "an executable");
            MakeExecutable(PathOf("state", "published", "GeminiEdge.Server"));
        }
        else
        {
            Write("published/host.json", Repository.Read("host.json"));
            Write("published/worker.config.json", "{}");
            Write("published/functions.metadata", "[]");
        }
    }

    /// <summary>The tool that fails when it is called with this beginning.</summary>
    public void Fail(string call) => Write("fails", call);

    /// <summary>The tool that fails the first time, as edgectl does when a vault is away.</summary>
    public void FailOnce(string call) => Write("fails-once", call);

    public void HeldGroup() => Write("group", "true\n");

    /// <summary>The operator's role is known after the first wait only.</summary>
    public void GiveRoleLate()
    {
        Write("token-later", Token("operator", KeyVaultRole.SecretsOfficer));
        Write("token", Token("operator-without-a-role", KeyVaultRole.None));
    }

    /// <summary>Nobody ever gets the role.</summary>
    public void GiveNoRole() => Write("token", Token("operator-without-a-role", KeyVaultRole.None));

    public void Remove(string program) => File.Delete(PathOf("programs", program));

    /// <summary>Puts a file into the checkout.</summary>
    public string Put(string name, string text)
    {
        var path = PathOf("root", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string PathOf(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);

    /// <summary>Forgets what was asked so far.</summary>
    public void ClearCalls() => Write("calls", "");

    /// <summary>Runs it with this on standard input.</summary>
    public async Task<DeployRun> RunAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(PathOf("root", "infra", "deploy"), arguments) { WorkingDirectory = _folder.FullName, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(CliRun.IsRead).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in Machine)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
            var run = new DeployRun(process.ExitCode, await output, await errors);
            _said.Add(run.All);
            return run;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Looks for keys in what it said, what it asked of the tools, and what it left.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var said in (string[])[.. _said, .. Calls])
        {
            Cli.See("infra/deploy", said);
            Assert.True(_host is null || !said.Contains(_host.FunctionKey, StringComparison.Ordinal), "infra/deploy shows the function key.");
        }

        foreach (var file in Directory.EnumerateFiles(PathOf("root"), "*.*", SearchOption.AllDirectories))
        {
            Cli.See(file, await File.ReadAllTextAsync(file));
        }

        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await Cli.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private void Answer(string url) => Write("outputs", $"{App}\n{url}\n{Cli.Environment["GEMINI_KEYVAULT_URI"]}\nhttps://stk3x7.table.core.windows.net/\n");

    private string Token(string principal, KeyVaultRole role) => new JsonObject
    {
        ["accessToken"] = Cli.Vault.IssueToken(principal, role),
        ["expires_on"] = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
        ["tokenType"] = "Bearer",
    }.ToJsonString();

    private void Write(string name, string text) => File.WriteAllText(PathOf("state", name), text);

    private void AddProgram(string name, string script)
    {
        File.WriteAllText(PathOf("programs", name), script);
        MakeExecutable(PathOf("programs", name));
    }

    private static void MakeExecutable(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("infra/deploy is a script for bash.");
        }

        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Recording(string name, string program) => $"""
        #!/usr/bin/env bash
        state=$(dirname "$0")/../state
        echo "{name} $*" >> "$state/calls"
        if [[ -e $state/fails-once && "{name} $*" == "$(< "$state/fails-once")"* ]]; then rm "$state/fails-once"; exit 1; fi
        exec "{program}" "$@"
        """;

    private static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).First(File.Exists);
}
