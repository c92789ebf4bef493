using System.Text.Json;
using GeminiEdge.Bench.Streams;

// One process is server and client, so that both read the same clock. Usage:
// GeminiEdge.Bench.Streams SERVER_PORT PORT_TO_CONNECT_TO ROUTE CLIENT_KEY STREAMS CHUNKS
var streams = int.Parse(args[4]);
var chunks = int.Parse(args[5]);
var client = new StreamClient(int.Parse(args[1]), args[2], args[3], TimeProvider.System);
await using var server = await StreamServer.StartAsync(int.Parse(args[0]), TimeProvider.System);

server.Pace = new Pace(Chunks: 10, Interval: TimeSpan.FromMilliseconds(20));
await client.RunAsync(streams: 100, server.Pace);

server.Pace = new Pace(chunks, TimeSpan.FromMilliseconds(200));
var cpu = Environment.CpuUsage.TotalTime;
var deliveries = await client.RunAsync(streams, server.Pace);

var delays = deliveries.SelectMany(delivery => delivery.Delays).Order().ToArray();
var report = new StreamReport(
    delays.Length,
    deliveries.Sum(delivery => delivery.Merged),
    deliveries.Sum(delivery => delivery.Split),
    Percentile(delays, 0.50),
    Percentile(delays, 0.99),
    delays[^1].TotalMilliseconds,
    (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
Console.WriteLine(JsonSerializer.Serialize(report, StreamReportContext.Default.StreamReport));

static double Percentile(TimeSpan[] sorted, double share)
{
    return sorted[(int)Math.Ceiling(share * sorted.Length) - 1].TotalMilliseconds;
}
