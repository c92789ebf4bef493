using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Cli.Drill;

/// <summary>When each key came to the upstream with an edge's request; what the operator probes is not traffic.</summary>
internal sealed class UpstreamUses(TimeProvider time)
{
    /// <summary>The model the operator probes with, by which a probe is told from traffic.</summary>
    public const string ProbeModel = "gemini-flash-lite-latest";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<DateTimeOffset>> _uses = [];

    /// <summary>The sandbox's hook; leaves the answer to the sandbox.</summary>
    public Task<bool> NoteAsync(HttpContext context)
    {
        if (!context.Request.Path.Value!.Contains(ProbeModel, StringComparison.Ordinal)
            && context.Request.Headers["x-goog-api-key"] is [{ Length: >= ApiKey.MinimumLength } key])
        {
            lock (_lock)
            {
                if (!_uses.TryGetValue(key[^4..], out var times))
                {
                    _uses.Add(key[^4..], times = []);
                }

                times.Add(time.GetUtcNow());
            }
        }

        return Task.FromResult(false);
    }

    /// <summary>The last use of a key before a moment.</summary>
    public DateTimeOffset? LastBefore(string keyId, DateTimeOffset end)
    {
        lock (_lock)
        {
            return _uses.TryGetValue(keyId, out var times) && times.FindLast(use => use < end) is var last && last != default ? last : null;
        }
    }
}
