using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What one key answered to a probe.</summary>
internal readonly record struct ProbeResult(RingKey Key, Verdict Verdict, int? Status, TimeSpan Duration);

/// <summary>
/// Sends one tiny generateContent with each key. A list of models would prove nothing: it answers for keys that are
/// out of money, and for some that may not generate.
/// </summary>
internal sealed class KeyProber(
    ForwardingOptions options, KeyRefresher refresher, UpstreamClient client, Observers observers, KeyMask mask, ILogger<KeyProber> log, TimeProvider time)
{
    /// <summary>Probes the standby first: it is the one that no traffic proves. What is found counts as evidence.</summary>
    public async ValueTask<ImmutableArray<ProbeResult>> ProbeAsync(string requestId, CancellationToken cancellationToken)
    {
        // At the same time: nine keys that hang one after the other would outlast the platform's front end.
        var ring = await refresher.CurrentAsync(cancellationToken);
        var standbyFirst = ring.Keys.OrderBy(key => key.Slot != KeySlot.Secondary);
        return [.. await Task.WhenAll(standbyFirst.Select((key, index) => ProbeAsync(requestId, key, index + 1, cancellationToken)))];
    }

    private async Task<ProbeResult> ProbeAsync(string requestId, RingKey key, int number, CancellationToken cancellationToken)
    {
        var call = new CallScope(CallKind.Generate, options.DefaultModel);
        if (key.Health.TryBeginAnyway(call) is not { } pass)
        {
            return new ProbeResult(key, Verdict.KeyLeaked, null, TimeSpan.Zero);
        }

        var request = new ProbeRequest(options.DefaultModel, requestId, cancellationToken);
        using var attempt = KeyProbe.Attempt(request, key, pass, number, time);
        await attempt.RunAsync(client);
        if (key.Health.Report(pass, attempt.Verdict, attempt.Failure) is { } change)
        {
            log.KeyStateChanged(key, change, mask);
            observers.KeyStateChanged(key, change);
        }

        var cooldown = attempt.Verdict == Verdict.Ok ? null : key.Health.Rest(call);
        observers.AttemptEnded(AttemptTrail.Record(attempt, NextAction.Return, cooldown));
        return KeyProbe.ResultOf(attempt);
    }
}
