using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.GoogleApiKeys;

namespace GeminiEdge.Cli.Drill;

/// <summary>The simulator of Google's API Keys, with one project and an operator who administers its keys.</summary>
internal sealed class DrillGoogle : IAsyncDisposable
{
    private readonly GoogleApiKeysSandbox _sandbox;
    private readonly string _credentials;

    private DrillGoogle(GoogleApiKeysSandbox sandbox, string credentials, string project) => (_sandbox, _credentials, Project) = (sandbox, credentials, project);

    public string Project { get; }

    /// <summary>Starts it; the bed's folder takes the operator's credentials.</summary>
    public static async Task<DrillGoogle> StartAsync(DrillBed bed, CancellationToken cancellationToken)
    {
        var account = $"operator@{bed.App}.iam.gserviceaccount.com";
        var sandbox = await GoogleApiKeysSandbox.StartAsync(bed.Gemini, cancellationToken: cancellationToken);
        sandbox.AddProject(bed.App);
        sandbox.SetRole(bed.App, account, GoogleApiKeysRole.ApiKeysAdmin);
        var google = new DrillGoogle(sandbox, Path.Combine(bed.Folder, "adc.json"), bed.App);
        await File.WriteAllTextAsync(google._credentials, sandbox.AddServiceAccount(account, bed.App), cancellationToken);
        return google;
    }

    /// <summary>What the operator's command finds in its environment.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings =>
    [
        new("GEMINI_EDGE_APIKEYS_URL", _sandbox.BaseUrl.AbsoluteUri),
        new("GOOGLE_APPLICATION_CREDENTIALS", _credentials),
    ];

    /// <summary>A key that Gemini and this API know, and that this API can delete.</summary>
    public ApiKey AddKey() => ApiKey.Create(_sandbox.AddKey(Project, Project).Key.Value).Key!;

    /// <summary>The key is deleted at Google.</summary>
    public bool IsDeleted(ApiKey key) => _sandbox.Keys.Any(known => known.Key.Value == key.Reveal() && known.DeletedOn is not null);

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();
}
