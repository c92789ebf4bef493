using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Resources that belong to the project of the key that made them, until they expire.</summary>
internal sealed class ProjectResources(TimeProvider time)
{
    private readonly Dictionary<string, Resource> _resources = new(StringComparer.Ordinal);

    public DateTimeOffset Now => time.GetUtcNow();

    public static string Timestamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Adds or, in its own project, replaces; false when another project holds the name or it is taken.</summary>
    public bool TryPut(string name, string project, JsonObject json, DateTimeOffset expires, bool replace = false)
    {
        lock (_resources)
        {
            if (_resources.TryGetValue(name, out var old) && old.Expires > Now && !(replace && old.Project == project))
            {
                return false;
            }

            _resources[name] = new(project, json, expires);
            return true;
        }
    }

    /// <summary>A copy of the resource, if the project owns it and it has not expired.</summary>
    public JsonObject? Find(string name, string project)
    {
        lock (_resources)
        {
            return _resources.TryGetValue(name, out var found) && found.Project == project && found.Expires > Now
                ? (JsonObject)found.Json.DeepClone()
                : null;
        }
    }

    public bool Remove(string name, string project)
    {
        lock (_resources)
        {
            return Find(name, project) is not null && _resources.Remove(name);
        }
    }

    public IReadOnlyList<JsonObject> List(string project)
    {
        lock (_resources)
        {
            return [.. _resources.Values.Where(item => item.Project == project && item.Expires > Now).Select(item => (JsonObject)item.Json.DeepClone())];
        }
    }

    private sealed record Resource(string Project, JsonObject Json, DateTimeOffset Expires);
}
