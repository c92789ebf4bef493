using GeminiEdge.Bench.Allocations;

// How many bytes the edge allocates for a request, the server and the HTTP client under it included. The client and the
// upstream in this process are raw sockets with fixed buffers, so all that is counted is the edge's.
//
//   dotnet run -c Release --project tests/GeminiEdge.Bench/Allocations [requests]
//
// Exit code 1 when a route allocates more than is written down here.
const int nativeLimit = 5_700;
const int generateLimit = 7_200;
var requests = args is [var count] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 50_000;

using var upstream = new FixedUpstream();
await using var edge = await MeasuredEdge.StartAsync(upstream.Port);
var native = edge.Measure("/v1beta/models/gemini-flash-latest:generateContent", """{"contents":[{"role":"user","parts":[{"text":"Say hello to everybody"}]}]}""", requests);
var generate = edge.Measure("/api/generate", """{"prompt":"Say hello to everybody"}""", requests);
Console.WriteLine($"native        {native,6} bytes a request (limit {nativeLimit})");
Console.WriteLine($"/api/generate {generate,6} bytes a request (limit {generateLimit})");
return native > nativeLimit || generate > generateLimit ? 1 : 0;
