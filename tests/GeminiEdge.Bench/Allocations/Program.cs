using GeminiEdge.Bench.Allocations;

// How many bytes the edge allocates for a request, the server and the HTTP client under it included. The client and the
// upstream in this process are raw sockets with fixed buffers, so all that is counted is the edge's.
//
//   dotnet run -c Release --project tests/GeminiEdge.Bench/Allocations [requests]
//
// Exit code 1 when a route allocates more than is written down here.
const int nativeLimit = 4_500;
const int generateLimit = 6_000;
var requests = args is [var count] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 50_000;

using var upstream = new FixedUpstream();
var isWithin = true;
foreach (var registers in new[] { false, true })
{
    await using var edge = await MeasuredEdge.StartAsync(upstream.Port, registers);
    var what = registers ? ", with the fleet register" : "";
    Report($"native{what}", edge.Measure("/v1beta/models/gemini-flash-latest:generateContent", """{"contents":[{"role":"user","parts":[{"text":"Say hello to everybody"}]}]}""", requests), nativeLimit);
    Report($"/api/generate{what}", edge.Measure("/api/generate", """{"prompt":"Say hello to everybody"}""", requests), generateLimit);
}

return isWithin ? 0 : 1;

void Report(string what, long bytes, long limit)
{
    isWithin &= bytes <= limit;
    Console.WriteLine($"{what,-39} {bytes,6} bytes a request (limit {limit})");
}
