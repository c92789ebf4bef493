using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>What a path and a method ask for.</summary>
internal sealed record ApiKeysRoute(GoogleApiKeysOperation Operation, string? Project = null, string? Id = null)
{
    /// <summary>The permission it takes on the project; an operation is shown to whoever is signed in.</summary>
    public string? Permission => Operation switch
    {
        GoogleApiKeysOperation.GetOperation => null,
        GoogleApiKeysOperation.GetKeyString => "apikeys.keys.getKeyString",
        _ => $"apikeys.keys.{Operation.ToString().ToLowerInvariant()}",
    };

    public string? Resource => this switch
    {
        { Operation: GoogleApiKeysOperation.GetOperation } => $"operations/{Id}",
        { Project: null } => null,
        { Id: null } => $"projects/{Project}/locations/global",
        _ => $"projects/{Project}/locations/global/keys/{Id}",
    };

    /// <summary>Null when there is no such route; the only location is <c>global</c>.</summary>
    public static ApiKeysRoute? Parse(HttpRequest request)
    {
        var segments = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (request.Method, segments) switch
        {
            ("POST", ["v2", "projects", var project, "locations", "global", "keys"]) => new(GoogleApiKeysOperation.Create, project),
            ("GET", ["v2", "projects", var project, "locations", "global", "keys"]) => new(GoogleApiKeysOperation.List, project),
            ("GET", ["v2", "projects", var project, "locations", "global", "keys", var id]) => new(GoogleApiKeysOperation.Get, project, id),
            ("GET", ["v2", "projects", var project, "locations", "global", "keys", var id, "keyString"]) => new(GoogleApiKeysOperation.GetKeyString, project, id),
            ("PATCH", ["v2", "projects", var project, "locations", "global", "keys", var id]) => new(GoogleApiKeysOperation.Update, project, id),
            ("DELETE", ["v2", "projects", var project, "locations", "global", "keys", var id]) => new(GoogleApiKeysOperation.Delete, project, id),
            ("POST", ["v2", "projects", var project, "locations", "global", "keys", var id]) when id.EndsWith(":undelete", StringComparison.Ordinal) =>
                new(GoogleApiKeysOperation.Undelete, project, id[..^":undelete".Length]),
            ("GET", ["v2", "keys:lookupKey"]) => new(GoogleApiKeysOperation.Lookup),
            ("GET", ["v2", "operations", var id]) => new(GoogleApiKeysOperation.GetOperation, Id: id),
            _ => null,
        };
    }
}
