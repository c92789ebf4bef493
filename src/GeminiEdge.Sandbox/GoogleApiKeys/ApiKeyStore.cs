using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>The keys and the operations on them.</summary>
internal sealed partial class ApiKeyStore(GeminiSandbox gemini, GoogleApiKeysOptions options) : IDisposable
{
    private const int MaxDisplayName = 63;

    private readonly Lock _lock = new();
    private readonly List<(GoogleApiKey Key, DateTimeOffset VisibleOn)> _keys = [];
    private readonly Dictionary<string, LongOperation> _operations = new(StringComparer.Ordinal);
    private readonly KeyPropagation _propagation = new(options.TimeProvider);

    /// <summary>All that aren't purged, in the order in which they were created.</summary>
    public IReadOnlyList<GoogleApiKey> Keys
    {
        get
        {
            var now = options.TimeProvider.GetUtcNow();
            lock (_lock)
            {
                return [.. _keys.Where(entry => entry.VisibleOn <= now && !(entry.Key.DeletedOn + options.Retention <= now)).Select(entry => entry.Key)];
            }
        }
    }

    public GoogleApiKey? Find(GoogleProject project, string id) => Keys.FirstOrDefault(key => key.Name == NameOf(project, id));

    public LongOperation? FindOperation(string id)
    {
        lock (_lock)
        {
            return _operations.GetValueOrDefault($"operations/{id}");
        }
    }

    public (LongOperation? Operation, GeminiError? Error) Create(GoogleProject project, string? id, JsonNode? body, GoogleApiKeysFault? fault)
    {
        if (id is { Length: > 0 } && !KeyId().IsMatch(id))
        {
            return (null, GeminiErrors.BadField("The key id must match [a-z]([a-z0-9-]{0,61}[a-z0-9])?", "key_id"));
        }

        if (Invalid(body) is { } invalid)
        {
            return (null, invalid);
        }

        var name = NameOf(project, id is { Length: > 0 } ? id : Guid.NewGuid().ToString());
        lock (_lock)
        {
            if (_keys.Any(entry => entry.Key.Name == name))
            {
                return (null, ApiKeysErrors.Exists());
            }

            if (fault?.FailsOperation == true)
            {
                return (Start_NeedsLock(null), null);
            }

            var key = Add_NeedsLock(project, name, body, options.TimeProvider.GetUtcNow() + options.OperationTime);
            _propagation.Change(key.Key, SandboxKeyState.NotFound, Usable(key), options.OperationTime + options.UnknownFor);
            return (Start_NeedsLock(key), null);
        }
    }

    /// <summary>A key whose operation is over, and which Gemini knows.</summary>
    public GoogleApiKey Add(GoogleProject project, JsonNode body)
    {
        lock (_lock)
        {
            var key = Add_NeedsLock(project, NameOf(project, Guid.NewGuid().ToString()), body, options.TimeProvider.GetUtcNow());
            key.Key.State = Usable(key);
            return key;
        }
    }

    public (LongOperation? Operation, GeminiError? Error) Update(GoogleApiKey key, string? mask, JsonNode? body, GoogleApiKeysFault? fault)
    {
        string[] mutable = ["displayName", "restrictions", "annotations"];
        string[] named = mask is null or "" ? [.. mutable.Where(field => body.Field(field) is not null)] : mask == "*" ? mutable : mask.Split(',');
        if (named.Except(mutable).Any())
        {
            return (null, GeminiErrors.BadField("Only display_name, restrictions and annotations can be updated.", "update_mask"));
        }

        return Change(key, null, deleted: false, fault, () => Write(key, body, named), Invalid(body));
    }

    public (LongOperation? Operation, GeminiError? Error) Delete(GoogleApiKey key, string? etag, GoogleApiKeysFault? fault) => Change(key, etag, deleted: false, fault, () =>
    {
        key.DeletedOn = options.TimeProvider.GetUtcNow();
        _propagation.Change(key.Key, key.Key.State, SandboxKeyState.NotFound, options.DiesAfter);
    });

    public (LongOperation? Operation, GeminiError? Error) Undelete(GoogleApiKey key, GoogleApiKeysFault? fault) => Change(key, null, deleted: true, fault, () =>
    {
        key.DeletedOn = null;
        _propagation.Change(key.Key, SandboxKeyState.NotFound, Usable(key), options.OperationTime + options.UnknownFor);
    });

    public void Dispose() => _propagation.Dispose();

    private (LongOperation? Operation, GeminiError? Error) Change(
        GoogleApiKey key, string? etag, bool deleted, GoogleApiKeysFault? fault, Action change, GeminiError? error = null)
    {
        lock (_lock)
        {
            if (error is not null || key.DeletedOn.HasValue != deleted || (etag is { Length: > 0 } && etag != key.Etag))
            {
                return (null, error ?? (key.DeletedOn.HasValue != deleted ? ApiKeysErrors.IsDeleted(!deleted) : ApiKeysErrors.Stale()));
            }

            if (fault?.FailsOperation == true)
            {
                return (Start_NeedsLock(null), null);
            }

            change();
            key.Touch(options.TimeProvider.GetUtcNow());
            return (Start_NeedsLock(key), null);
        }
    }

    private GoogleApiKey Add_NeedsLock(GoogleProject project, string name, JsonNode? body, DateTimeOffset visible)
    {
        var bound = body.Text("serviceAccountEmail");
        var used = gemini.AddKey(project: $"projects/{project.Number}", kind: bound is null ? SandboxKeyKind.Standard : SandboxKeyKind.Auth, state: SandboxKeyState.NotFound);
        var key = new GoogleApiKey(name, used, visible) { ServiceAccountEmail = bound };
        Write(key, body, ["displayName", "restrictions", "annotations"]);
        _keys.Add((key, visible));
        return key;
    }

    private LongOperation Start_NeedsLock(GoogleApiKey? key)
    {
        var operation = new LongOperation($"operations/akmf.{RandomNumberGenerator.GetHexString(24, lowercase: true)}", options.TimeProvider.GetUtcNow() + options.OperationTime, key);
        _operations.Add(operation.Name, operation);
        return operation;
    }

    private static void Write(GoogleApiKey key, JsonNode? body, string[] fields)
    {
        foreach (var field in fields)
        {
            switch (field)
            {
                case "displayName":
                    key.DisplayName = body.Text(field);
                    break;
                case "restrictions":
                    key.Restrictions = body.Field(field)?.DeepClone();
                    break;
                default:
                    key.Annotations = (body.Field(field) as JsonObject)?.ToDictionary(pair => pair.Key, pair => pair.Value.AsText() ?? "") ?? [];
                    break;
            }
        }
    }

    private static GeminiError? Invalid(JsonNode? body) => body switch
    {
        not JsonObject => GeminiErrors.InvalidArgument("Invalid JSON payload received."),
        _ when body.Text("displayName") is { Length: > MaxDisplayName } => GeminiErrors.BadField($"The display name is longer than {MaxDisplayName} characters.", "key.display_name"),
        _ when body.Text("serviceAccountEmail") is { } email && !email.EndsWith(".gserviceaccount.com", StringComparison.Ordinal) =>
            GeminiErrors.BadField("The service account does not exist.", "key.service_account_email"),
        _ => null,
    };

    /// <summary>A key that is restricted to other services is blocked at Gemini.</summary>
    private static SandboxKeyState Usable(GoogleApiKey key) =>
        key.ApiTargets.Count == 0 || key.ApiTargets.Contains(GeminiErrors.Service) ? SandboxKeyState.Working : SandboxKeyState.Blocked;

    private static string NameOf(GoogleProject project, string id) => $"projects/{project.Number}/locations/global/keys/{id}";

    [GeneratedRegex("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex KeyId();
}
