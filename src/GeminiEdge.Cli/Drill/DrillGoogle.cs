using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.GoogleApiKeys;

namespace GeminiEdge.Cli.Drill;

/// <summary>The simulator of Google's API Keys, with one project and an operator who administers its keys.</summary>
internal sealed class DrillGoogle : IAsyncDisposable
{
    public const string Project = "drill";
    private const string Account = "operator@drill.iam.gserviceaccount.com";

    private readonly GoogleApiKeysSandbox _sandbox;
    private readonly string _credentials;

    private DrillGoogle(GoogleApiKeysSandbox sandbox, string credentials) => (_sandbox, _credentials) = (sandbox, credentials);

    /// <param name="folder">Takes the operator's credentials.</param>
    public static async Task<DrillGoogle> StartAsync(GeminiSandbox gemini, string folder, CancellationToken cancellationToken)
    {
        var sandbox = await GoogleApiKeysSandbox.StartAsync(gemini, cancellationToken: cancellationToken);
        sandbox.AddProject(Project);
        sandbox.SetRole(Project, Account, GoogleApiKeysRole.ApiKeysAdmin);
        var google = new DrillGoogle(sandbox, Path.Combine(folder, "google.json"));
        await File.WriteAllTextAsync(google._credentials, sandbox.AddServiceAccount(Account, Project), cancellationToken);
        return google;
    }

    /// <summary>What the operator's command finds in its environment.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings =>
    [
        new("GEMINI_EDGE_APIKEYS_URL", _sandbox.BaseUrl.AbsoluteUri),
        new("GOOGLE_APPLICATION_CREDENTIALS", _credentials),
    ];

    /// <summary>A key that Gemini and this API know, and that this API can delete.</summary>
    public ApiKey AddKey() => ApiKey.Create(_sandbox.AddKey(Project, "drill").Key.Value).Key!;

    /// <summary>The key is deleted at Google.</summary>
    public bool IsDeleted(ApiKey key) => _sandbox.Keys.Any(known => known.Key.Value == key.Reveal() && known.DeletedOn is not null);

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();
}
