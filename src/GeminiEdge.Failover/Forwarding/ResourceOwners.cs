using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Which key made, or could read, a resource of a project. Bounded: the oldest are forgotten first.</summary>
internal sealed class ResourceOwners
{
    private const int Capacity = 10_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ApiKey> _owners = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = [];

    public ApiKey? Find(string resource)
    {
        lock (_lock)
        {
            return _owners.GetValueOrDefault(resource);
        }
    }

    public void Remember(string resource, ApiKey owner)
    {
        lock (_lock)
        {
            if (_owners.TryAdd(resource, owner))
            {
                _oldestFirst.Enqueue(resource);
                if (_oldestFirst.Count > Capacity)
                {
                    _owners.Remove(_oldestFirst.Dequeue());
                }
            }
            else
            {
                _owners[resource] = owner;
            }
        }
    }
}
