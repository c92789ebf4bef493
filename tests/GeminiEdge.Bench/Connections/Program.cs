using GeminiEdge.Bench.Connections;
using Microsoft.AspNetCore.Http;

// GeminiEdge.Bench.Connections serve CERTIFICATE_FILE
//   An upstream over TLS, 50 ms away. Prints the environment of an edge that talks to it, NAME=VALUE a line and then an
//   empty one, and goes on until it is ended.
// GeminiEdge.Bench.Connections compare [load] [trouble]
//   HTTP/1.1 beside HTTP/2 on such a line, as a Markdown table.
if (args is ["compare", .. var parts])
{
    await Comparison.RunAsync(parts is [] ? ["load", "trouble"] : parts);
    return 0;
}

if (args is not ["serve", var certificate])
{
    Console.Error.WriteLine("Usage: GeminiEdge.Bench.Connections serve CERTIFICATE_FILE | compare");
    return 2;
}

await using var upstream = await FarUpstream.StartAsync(context =>
{
    context.Response.ContentType = "application/json; charset=UTF-8";
    return context.Response.WriteAsync("""{"candidates":[{"content":{"role":"model","parts":[{"text":"Hello"}]},"finishReason":"STOP"}],"modelVersion":"gemini-flash-latest"}""");
});
upstream.WriteCertificate(certificate);
Console.WriteLine($"GEMINI_BASE_URL={upstream.Url}");
Console.WriteLine($"SSL_CERT_FILE={certificate}");
Console.WriteLine();
await upstream.EndedAsync();
return 0;
