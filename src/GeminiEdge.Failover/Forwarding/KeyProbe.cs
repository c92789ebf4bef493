using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Tries one key with one tiny generateContent, whether it is in a ring or not.</summary>
internal sealed class KeyProbe(ForwardingOptions options, UpstreamClient client, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Asks on nobody's behalf; nothing is remembered of the answer.</summary>
    public async Task<ProbeResult> ProbeAsync(KeySlot slot, ApiKey key, string? version, CancellationToken cancellationToken)
    {
        var health = new KeyHealth(time);
        var ringKey = new RingKey(slot, key, version, health);
        var request = new ProbeRequest(options.DefaultModel, "probe", cancellationToken);
        using var attempt = Attempt(request, ringKey, health.TryBeginAnyway(request.Call.Scope)!.Value, 1, time);
        await attempt.RunAsync(client);
        cancellationToken.ThrowIfCancellationRequested();
        return ResultOf(attempt);
    }

    /// <summary>The attempt that sends a probe.</summary>
    public static Attempt Attempt(ProbeRequest request, RingKey key, KeyPass pass, int number, TimeProvider time) =>
        new(request, key, pass, number, Patience, time);

    /// <summary>What it found.</summary>
    public static ProbeResult ResultOf(Attempt attempt) =>
        new(attempt.Key, attempt.Verdict, (int?)attempt.Response?.StatusCode, attempt.Elapsed);
}
