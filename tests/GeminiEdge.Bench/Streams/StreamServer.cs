using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Bench.Streams;

/// <summary>The upstream: answers any POST with a stream of events at the current pace.</summary>
internal sealed class StreamServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TimeProvider _clock;
    private volatile Pace _pace = new(1, TimeSpan.Zero);

    private StreamServer(int port, TimeProvider clock)
    {
        _clock = clock;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // A chunk is sent by the thread that wrote it: one hop less between its timestamp and the wire.
        builder.WebHost.UseSockets(options => options.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        _app = builder.Build();
        _app.Run(SendAsync);
    }

    public Pace Pace
    {
        get => _pace;
        set => _pace = value;
    }

    public static async Task<StreamServer> StartAsync(int port, TimeProvider clock)
    {
        var server = new StreamServer(port, clock);
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync()
    {
        return _app.DisposeAsync();
    }

    private async Task SendAsync(HttpContext context)
    {
        var pace = _pace;
        var body = context.Response.BodyWriter;
        context.Response.ContentType = "text/event-stream";
        for (var number = 0; number < pace.Chunks; number++)
        {
            if (number > 0)
            {
                // Counted from the chunk before: a server that was held up must not send two in one go to catch up.
                await Task.Delay(pace.Interval, _clock, context.RequestAborted);
            }

            StreamEvent.Write(body.GetSpan(StreamEvent.Length), number, _clock.GetTimestamp());
            body.Advance(StreamEvent.Length);
            await body.FlushAsync(context.RequestAborted);
        }
    }
}
