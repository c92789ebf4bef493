using System.Collections.Immutable;
using GeminiEdge.Configuration;
using GeminiEdge.Keys;
using GeminiEdge.Telemetry;
using GeminiEdge.Verdicts;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Forwarding;

/// <summary>What one key answered to a probe.</summary>
internal readonly record struct ProbeResult(RingKey Key, Verdict Verdict, int? Status, TimeSpan Duration);

/// <summary>
/// Sends one tiny generateContent with each key. A list of models would prove nothing: it answers for keys that are
/// out of money, and for some that may not generate.
/// </summary>
internal sealed class KeyProber(EdgeSettings settings, KeyRefresher refresher, UpstreamClient client, EdgeLog log, TimeProvider time)
{
    /// <summary>Probes the standby first: it is the one that no traffic proves. What is found counts as evidence.</summary>
    public async ValueTask<ImmutableArray<ProbeResult>> ProbeAsync(HttpContext context, string requestId)
    {
        // At the same time: nine keys that hang one after the other would outlast the platform's front end.
        var ring = await refresher.CurrentAsync(context.RequestAborted);
        var standbyFirst = ring.Keys.OrderBy(key => key.Slot != KeySlot.Secondary);
        return [.. await Task.WhenAll(standbyFirst.Select((key, index) => ProbeAsync(context, requestId, key, index + 1)))];
    }

    private async Task<ProbeResult> ProbeAsync(HttpContext context, string requestId, RingKey key, int number)
    {
        if (key.Health.TryBeginAnyway(settings.DefaultModel) is not { } pass)
        {
            return new ProbeResult(key, Verdict.KeyLeaked, null, TimeSpan.Zero);
        }

        var request = KeyProbe.Request(settings, context, requestId);
        using var attempt = KeyProbe.Attempt(request, key, pass, number, time);
        await attempt.RunAsync(client);
        if (key.Health.Report(pass, attempt.Verdict, attempt.Failure) is { } change)
        {
            log.KeyStateChanged(key, change);
        }

        var cooldown = attempt.Verdict == Verdict.Ok ? null : key.Health.Rest(settings.DefaultModel);
        log.Attempt(AttemptTrail.Record(attempt, request, NextAction.Return, cooldown, committed: false));
        return KeyProbe.ResultOf(attempt);
    }
}
