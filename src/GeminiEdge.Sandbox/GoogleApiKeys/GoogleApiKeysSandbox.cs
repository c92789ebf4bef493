using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>
/// A simulator of Google's API Keys API v2 on a loopback port, and of the sign-in to it. What is created here works at a
/// <see cref="GeminiSandbox"/>, though not at once; what is deleted ceases to, though not at once.
/// </summary>
public sealed class GoogleApiKeysSandbox : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, GoogleProject> _projects = new(StringComparer.Ordinal);
    private readonly Recorder<GoogleApiKeysRequest> _log = new(10_000);
    private readonly GoogleTokens _tokens;
    private readonly ApiKeyStore _store;
    private readonly ApiKeysServer _server;
    private readonly WebApplication _app;

    private GoogleApiKeysSandbox(GeminiSandbox gemini, GoogleApiKeysOptions options)
    {
        Options = options;
        _tokens = new(options);
        _store = new(gemini, options);
        _server = new(options, _store, _tokens, _projects.GetValueOrDefault, _log);
        var endpoint = new TokenEndpoint(options, _tokens);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.AddServerHeader = false;
        });
        _app = builder.Build();
        _app.Run(context => context.Request.Path == TokenEndpoint.Path ? endpoint.HandleAsync(context) : _server.HandleAsync(context));
    }

    /// <summary>Where it listens: <c>http://127.0.0.1:port/</c>.</summary>
    public Uri BaseUrl { get; private set; } = null!;

    /// <summary>How it answers.</summary>
    public GoogleApiKeysOptions Options { get; }

    /// <summary>The keys created here, the deleted ones too, in the order in which they were created.</summary>
    public IReadOnlyList<GoogleApiKey> Keys => _store.Keys;

    /// <summary>The newest requests in order of arrival.</summary>
    public IReadOnlyList<GoogleApiKeysRequest> Requests => _log.Snapshot();

    /// <summary>Sees every request before it is answered, and may fail it.</summary>
    public Func<GoogleApiKeysRequest, GoogleApiKeysFault?>? OnRequest
    {
        get => _server.OnRequest;
        set => _server.OnRequest = value;
    }

    /// <summary>Starts an API that knows no project and nobody yet.</summary>
    public static async Task<GoogleApiKeysSandbox> StartAsync(GeminiSandbox gemini, GoogleApiKeysOptions? options = null, CancellationToken cancellationToken = default)
    {
        var sandbox = new GoogleApiKeysSandbox(gemini, options ?? new());
        await sandbox._app.StartAsync(cancellationToken);
        sandbox.BaseUrl = new(sandbox._app.Urls.Single());
        return sandbox;
    }

    /// <summary>Adds a project, or changes whether the API is enabled in it.</summary>
    public void AddProject(string id, bool apiEnabled = true)
    {
        var project = _projects.GetOrAdd(id, static (id, count) => new(id, (700_000_000_001 + count).ToString(CultureInfo.InvariantCulture)), _projects.Count);
        project.ApiEnabled = apiEnabled;
        _projects[project.Number] = project;
    }

    /// <summary>Changes what a principal may do in a project.</summary>
    public void SetRole(string project, string principal, GoogleApiKeysRole role) => _projects[project].Roles[principal] = role;

    /// <summary>Adds a key of a project, restricted to Gemini, that has been there for a while: Gemini knows it.</summary>
    public GoogleApiKey AddKey(string project, string displayName) => _store.Add(_projects[project], new JsonObject
    {
        ["displayName"] = displayName,
        ["restrictions"] = new JsonObject { ["apiTargets"] = new JsonArray(new JsonObject { ["service"] = "generativelanguage.googleapis.com" }) },
    });

    /// <summary>An access token of a principal, as if it had signed in.</summary>
    public string IssueToken(string principal) => _tokens.Issue(principal);

    /// <summary>Adds a service account of a project.</summary>
    /// <returns>Its key file: what <c>GOOGLE_APPLICATION_CREDENTIALS</c> points at.</returns>
    public string AddServiceAccount(string email, string project)
    {
        var rsa = RSA.Create(2048);
        _tokens.ServiceAccounts[email] = (rsa, project);
        return new JsonObject
        {
            ["type"] = "service_account",
            ["project_id"] = project,
            ["private_key_id"] = RandomNumberGenerator.GetHexString(40, lowercase: true),
            ["private_key"] = rsa.ExportPkcs8PrivateKeyPem() + "\n",
            ["client_email"] = email,
            ["token_uri"] = TokenUri,
        }.ToJsonString();
    }

    /// <summary>Adds a person who signs in through another provider: of all who do, the one whose file says where tokens are had.</summary>
    /// <returns>What <c>gcloud auth application-default login</c> writes for such a person.</returns>
    public string AddUser(string principal, string? quotaProject = null)
    {
        var refresh = RandomNumberGenerator.GetHexString(48, lowercase: true);
        _tokens.Users[refresh] = principal;
        var json = new JsonObject
        {
            ["type"] = "external_account_authorized_user",
            ["audience"] = "//iam.googleapis.com/locations/global/workforcePools/sandbox/providers/sandbox",
            ["client_id"] = "sandbox",
            ["client_secret"] = RandomNumberGenerator.GetHexString(24),
            ["refresh_token"] = refresh,
            ["token_url"] = TokenUri,
        };
        if (quotaProject is not null)
        {
            json["quota_project_id"] = quotaProject;
        }

        return json.ToJsonString();
    }

    /// <summary>Stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _store.Dispose();
        foreach (var (key, _) in _tokens.ServiceAccounts.Values)
        {
            key.Dispose();
        }
    }

    private string TokenUri => new Uri(BaseUrl, TokenEndpoint.Path).AbsoluteUri;
}
