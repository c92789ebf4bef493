using System.Net;
using System.Net.Sockets;
using System.Text;
using GeminiEdge.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Bench.Allocations;

/// <summary>The edge in this process, and the client that counts.</summary>
internal sealed class MeasuredEdge : IAsyncDisposable
{
    private const string ClientKey = "the-client-key-of-this-bench";
    private readonly WebApplication _app;

    private MeasuredEdge(WebApplication app) => _app = app;

    /// <param name="registers">Count for the fleet register too; where it is written to, nobody listens.</param>
    public static async Task<MeasuredEdge> StartAsync(int upstreamPort, bool registers = false)
    {
        // Log lines are made and written as always; only nobody reads them.
        Console.SetError(TextWriter.Null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["GEMINI_BASE_URL"] = $"http://127.0.0.1:{upstreamPort}",
            ["GEMINI_API_KEY_PRIMARY"] = "the-primary-key-of-this-bench",
            ["GEMINI_API_KEY_SECONDARY"] = "the-secondary-key-of-this-bench",
            ["GEMINI_EDGE_CLIENT_KEYS"] = ClientKey,
            ["GEMINI_EDGE_FLEET"] = registers ? "http://127.0.0.1:9/" : null,
        });
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(_ => new GeminiEdge.Telemetry.LinePipe(Stream.Null, TimeProvider.System));
        builder.Services.AddGeminiEdge(builder.Configuration, Hosting.Standalone);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<Edge>().HandleAsync);
        await app.StartAsync();
        return new MeasuredEdge(app);
    }

    /// <summary>Bytes allocated for one request, the median of five runs after a warm-up.</summary>
    public long Measure(string path, string body, int requests)
    {
        using var connection = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        connection.Connect(new IPEndPoint(IPAddress.Loopback, new Uri(_app.Urls.First()).Port));
        var request = Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nx-goog-api-key: {ClientKey}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var buffer = new byte[16 * 1024];
        Send(connection, request, buffer, requests);

        var runs = new long[5];
        for (var run = 0; run < runs.Length; run++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Send(connection, request, buffer, requests);
            runs[run] = (GC.GetTotalAllocatedBytes(precise: true) - before) / requests;
        }

        Array.Sort(runs);
        return runs[runs.Length / 2];
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Send(Socket connection, byte[] request, byte[] buffer, int times)
    {
        for (var i = 0; i < times; i++)
        {
            connection.Send(request);
            var count = 0;
            do
            {
                count += connection.Receive(buffer, count, buffer.Length - count, SocketFlags.None);
            }
            while (buffer[count - 1] != (byte)'}');

            if (!buffer.AsSpan(0, count).StartsWith("HTTP/1.1 200"u8))
            {
                throw new InvalidOperationException(Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
    }
}
