using GeminiEdge.Configuration;
using GeminiEdge.Keys;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Forwarding;

/// <summary>Tries one key with one tiny generateContent, whether it is in a ring or not.</summary>
internal sealed class KeyProbe(EdgeSettings settings, UpstreamClient client, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly byte[] Prompt = """{"contents":[{"role":"user","parts":[{"text":"ping"}]}],"generationConfig":{"maxOutputTokens":64}}"""u8.ToArray();

    /// <summary>Asks on nobody's behalf; nothing is remembered of the answer.</summary>
    public async Task<ProbeResult> ProbeAsync(KeySlot slot, ApiKey key, string? version, CancellationToken cancellationToken)
    {
        var health = new KeyHealth(time);
        var ringKey = new RingKey(slot, key, version, health);
        var request = Request(settings, new DefaultHttpContext { RequestAborted = cancellationToken }, "probe");
        using var attempt = Attempt(request, ringKey, health.TryBeginAnyway(settings.DefaultModel)!.Value, 1, time);
        await attempt.RunAsync(client);
        cancellationToken.ThrowIfCancellationRequested();
        return ResultOf(attempt);
    }

    /// <summary>The request that proves a key.</summary>
    public static ForwardRequest Request(EdgeSettings settings, HttpContext context, string requestId) => new()
    {
        Context = context,
        RequestId = requestId,
        Call = new GeminiCall { Method = "generateContent", Model = settings.DefaultModel, Replayable = true, MustAnswer = true },
        Verb = HttpMethod.Post,
        PathAndQuery = $"/v1beta/models/{settings.DefaultModel}:generateContent",
        Body = RequestBody.Of(Prompt),
        IsOwn = true,
    };

    /// <summary>The attempt that sends it.</summary>
    public static Attempt Attempt(ForwardRequest request, RingKey key, KeyPass pass, int number, TimeProvider time) =>
        new(request, key, pass, number, Patience, time);

    /// <summary>What it found.</summary>
    public static ProbeResult ResultOf(Attempt attempt) =>
        new(attempt.Key, attempt.Verdict, (int?)attempt.Response?.StatusCode, attempt.Elapsed);
}
