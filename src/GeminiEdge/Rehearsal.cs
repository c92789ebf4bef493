using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using GeminiEdge.Configuration;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Telemetry;
using GeminiEdge.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge;

/// <summary>
/// Answers two requests before the first: what is compiled on first use has then been used. They go through an edge of their
/// own, which has a made-up key, no log and no network. Nothing is to be compiled in a native executable: there it does nothing.
/// </summary>
internal static class Rehearsal
{
    /// <summary>Whoever is there at once is not to share the processor with it.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    private const string CallerKey = "the-caller-key-of-a-rehearsal";
    private static int HasBegun;

    /// <summary>Once in a process, after a moment in which nobody has asked for anything. Never throws.</summary>
    public static async Task BeginAsync(UpstreamClient upstream, TimeProvider time)
    {
        await Task.Delay(Delay, time);
        if (!RuntimeFeature.IsDynamicCodeSupported || upstream.IsUsed || Interlocked.Exchange(ref HasBegun, 1) != 0)
        {
            return;
        }

        try
        {
            await Task.Run(RunAsync);
        }
#pragma warning disable CA1031 // A request that meets the same fault is told of it.
        catch
#pragma warning restore CA1031
        {
        }
    }

    /// <returns>The statuses of its answers.</returns>
    public static async Task<IReadOnlyList<int>> RunAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["GEMINI_BASE_URL"] = "http://127.0.0.1",
            ["GEMINI_API_KEY_PRIMARY"] = "the-upstream-key-of-a-rehearsal",
            ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey,
        }).Build();
        var services = new ServiceCollection();
        services.AddSingleton<LineOutput>(static _ => { });
        services.AddSingleton(provider => new UpstreamClient(provider.GetRequiredService<ForwardingOptions>(), RehearsedUpstream.CreateHandler()));
        services.AddGeminiEdge(configuration, Hosting.Standalone);

        // What is rehearsed is nobody's to count: without metrics, and below a span that nobody records.
        services.Remove(services.Single(service => service.ImplementationType == typeof(FailoverMetrics)));
        using var unseen = new Activity(nameof(Rehearsal)).Start();
        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<KeyRefresher>().Start();
        var edge = provider.GetRequiredService<Edge>();
        return
        [
            await AnswerAsync(edge, "/api/generate", """{"prompt":"Say hello"}"""),
            await AnswerAsync(edge, "/v1beta/models/gemini-flash-latest:generateContent", """{"contents":[{"parts":[{"text":"Say hello"}]}]}"""),
        ];
    }

    private static async Task<int> AnswerAsync(Edge edge, string target, string body)
    {
        var context = new DefaultHttpContext();
        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        (request.Method, request.RawTarget, request.Path) = ("POST", target, target);
        request.Headers.Host = "localhost";
        request.Headers["x-goog-api-key"] = CallerKey;
        request.Headers.ContentType = "application/json";
        request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        request.Headers.ContentLength = request.Body.Length;
        await edge.HandleAsync(context);
        return context.Response.StatusCode;
    }
}
