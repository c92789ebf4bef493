using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Which Google project each key belongs to, as Google's errors tell. Quota is a project's, not a key's.</summary>
internal sealed class KeyProjects
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ApiKey, string> _projects = [];
    private readonly Dictionary<ApiKey, string> _rivals = [];
    private readonly Dictionary<string, RingKey> _firstOfProject = new(StringComparer.Ordinal);

    /// <summary>The key's project, if Google has told it.</summary>
    public string? Find(ApiKey key)
    {
        lock (_lock)
        {
            return _projects.GetValueOrDefault(key);
        }
    }

    /// <summary>Both keys are known to belong to one project.</summary>
    public bool AreOne(ApiKey a, ApiKey b)
    {
        lock (_lock)
        {
            return _projects.TryGetValue(a, out var project) && project == _projects.GetValueOrDefault(b);
        }
    }

    /// <summary>Notes a key's project. A refusal may name another one for once; named twice on end, it counts.</summary>
    /// <returns>Another key of the same project, the first time these two are found to share one.</returns>
    public RingKey? Learn(RingKey key, string project)
    {
        lock (_lock)
        {
            if (_projects.TryGetValue(key.Key, out var known) && (known == project || _rivals.GetValueOrDefault(key.Key) != project))
            {
                _rivals[key.Key] = known == project ? "" : project;
                return null;
            }

            _projects[key.Key] = project;
            return _firstOfProject.TryAdd(project, key) || _firstOfProject[project].Key.Equals(key.Key) ? null : _firstOfProject[project];
        }
    }
}
