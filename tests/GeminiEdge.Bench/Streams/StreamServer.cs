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
        var begin = _clock.GetTimestamp();
        for (var number = 0; number < pace.Chunks; number++)
        {
            // Due by the stream's own beginning, so that a late chunk does not make all that follow later.
            var early = number * pace.Interval - _clock.GetElapsedTime(begin);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, _clock, context.RequestAborted);
            }

            StreamEvent.Write(body.GetSpan(StreamEvent.Length), number, _clock.GetTimestamp());
            body.Advance(StreamEvent.Length);
            await body.FlushAsync(context.RequestAborted);
        }
    }
}
