using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Which Google project each key belongs to, as Google's errors tell. Quota is a project's, not a key's.</summary>
internal sealed class KeyProjects
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ApiKey, string> _projects = [];
    private readonly Dictionary<string, RingKey> _firstOfProject = new(StringComparer.Ordinal);

    /// <summary>The key's project, if Google has told it.</summary>
    public string? Find(ApiKey key)
    {
        lock (_lock)
        {
            return _projects.GetValueOrDefault(key);
        }
    }

    /// <summary>Notes a key's project.</summary>
    /// <returns>Another key of the same project, the first time these two are found to share one.</returns>
    public RingKey? Learn(RingKey key, string project)
    {
        lock (_lock)
        {
            if (!_projects.TryAdd(key.Key, project))
            {
                return null;
            }

            return _firstOfProject.TryAdd(project, key) ? null : _firstOfProject[project];
        }
    }
}
