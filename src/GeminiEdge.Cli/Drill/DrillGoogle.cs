using System.Net.Http.Headers;
using GeminiEdge.Keys;
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

    /// <summary>Makes a key that its API knows, and can delete.</summary>
    public async Task<ApiKey> CreateKeyAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_sandbox.BaseUrl, $"v2/projects/{Project}/locations/global/keys"))
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _sandbox.IssueToken(Account)) },
            Content = new StringContent("""{"displayName":"drill"}"""),
        };
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();

        // Its operation takes a moment, and so does Gemini until it knows the key.
        await Task.Delay(_sandbox.Options.OperationTime + _sandbox.Options.UnknownFor + TimeSpan.FromSeconds(1), time, cancellationToken);
        return ApiKey.Create(_sandbox.Keys[^1].Key.Value).Key!;
    }

    /// <summary>The key is deleted at Google.</summary>
    public bool IsDeleted(ApiKey key) => _sandbox.Keys.Any(known => known.Key.Value == key.Reveal() && known.DeletedOn is not null);

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();
}
