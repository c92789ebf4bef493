using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.GoogleApiKeys;

namespace GeminiEdge.Tests.Cli;

/// <summary>A Google beside the vault and Gemini, and somebody who administers keys in the project `edge-keys`.</summary>
internal sealed class GoogleBed : IAsyncDisposable
{
    public const string Project = "edge-keys";
    public const string Account = "rotator@edge-keys.iam.gserviceaccount.com";

    private readonly string _credentials = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");

    private GoogleBed(CliBed cli, GoogleApiKeysSandbox google) => (Cli, Google) = (cli, google);

    public CliBed Cli { get; }

    public GoogleApiKeysSandbox Google { get; }

    /// <summary>All that takes Google its time takes it none unless it is given here.</summary>
    public static async Task<GoogleBed> StartAsync(TimeSpan operationTime = default, TimeSpan unknownFor = default, TimeSpan diesAfter = default)
    {
        var cli = await CliBed.StartAsync();
        var bed = new GoogleBed(cli, await GoogleApiKeysSandbox.StartAsync(cli.Gemini, new()
        {
            TimeProvider = cli.Time,
            OperationTime = operationTime,
            UnknownFor = unknownFor,
            DiesAfter = diesAfter,
        }));
        bed.Google.AddProject(Project);
        bed.Google.SetRole(Project, Account, GoogleApiKeysRole.ApiKeysAdmin);

        // A service account's key takes its time to be made.
        bed.SignIn(bed.Google.AddUser(Account));
        cli.Environment["GEMINI_EDGE_APIKEYS_URL"] = bed.Google.BaseUrl.AbsoluteUri;
        return bed;
    }

    /// <summary>Uses these credentials from now on.</summary>
    public void SignIn(string credentials)
    {
        File.WriteAllText(_credentials, credentials);
        Cli.Environment["GOOGLE_APPLICATION_CREDENTIALS"] = _credentials;
    }

    /// <summary>Leaves no credentials, and no machine that would have some.</summary>
    public void SignOut()
    {
        Cli.Environment.Remove("GOOGLE_APPLICATION_CREDENTIALS");
        Cli.Environment["HOME"] = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}");
        Cli.Environment["GCE_METADATA_HOST"] = "127.0.0.1:1";
    }

    /// <summary>A key at Google that has been there for a while; it stands in no slot but the one named.</summary>
    public GoogleApiKey Issue(KeySlot? into = null)
    {
        var key = Google.AddKey(Project, "before");
        if (into is { } slot)
        {
            Cli.Vault.Set(slot.Secret(), key.Key.Value);
        }

        return key;
    }

    public async ValueTask DisposeAsync()
    {
        await Google.DisposeAsync();
        await Cli.DisposeAsync();
        File.Delete(_credentials);
    }
}
