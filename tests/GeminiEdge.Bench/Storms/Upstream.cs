using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Bench.Storms;

/// <summary>One call of the edge's for a request.</summary>
internal sealed record UpstreamCall(string Key)
{
    /// <summary>When its connection was closed before it had its answer; 0 for not at all.</summary>
    public long CutAt { get; set; }
}

/// <summary>An upstream that follows a scenario, and remembers which request each call was for.</summary>
internal sealed partial class Upstream(Scenario scenario, TimeProvider time) : IAsyncDisposable
{
    private const string Answer = """{"candidates":[{"content":{"parts":[{"text":"Hello."}],"role":"model"},"finishReason":"STOP","index":0}],"modelVersion":"m-1"}""";
    private const string Chat = """{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}]}""";
    private const string Overload = """{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}""";

    private readonly Random _random = new(20261129);
    private WebApplication? _app;

    /// <summary>The calls for each request, by its number.</summary>
    public ConcurrentDictionary<int, ConcurrentQueue<UpstreamCall>> Calls { get; } = new();

    /// <summary>The storm is on.</summary>
    public bool IsStormy { get; set; }

    public string Url => _app!.Urls.First();

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(HandleAsync);
        await _app.StartAsync();
    }

    public ValueTask DisposeAsync() => _app!.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var number = int.Parse(Number().Match(await reader.ReadToEndAsync()).Groups[1].Value);
        var key = context.Request.Headers["x-goog-api-key"].ToString() is { Length: > 0 } native ? native : context.Request.Headers.Authorization.ToString();
        var call = new UpstreamCall(key[^4..]);
        Calls.GetOrAdd(number, _ => new()).Enqueue(call);
        var reply = Next();
        try
        {
            await Task.Delay(reply.Delay, time, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            call.CutAt = time.GetTimestamp();
            return;
        }

        var streams = context.Request.Path.Value!.EndsWith(":streamGenerateContent", StringComparison.Ordinal);
        var text = reply.Overloaded ? Overload : streams ? $"data: {Answer}\r\n\r\n" : context.Request.Path.Value.Contains("/openai/", StringComparison.Ordinal) ? Chat : Answer;
        context.Response.StatusCode = reply.Overloaded ? 503 : 200;
        context.Response.ContentType = streams && !reply.Overloaded ? "text/event-stream" : "application/json";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
    }

    private Reply Next()
    {
        if (!IsStormy)
        {
            return new(false, scenario.Usual);
        }

        lock (_random)
        {
            return scenario.Of(_random.NextDouble());
        }
    }

    [GeneratedRegex("request (\\d+)\\.")]
    private static partial Regex Number();
}
