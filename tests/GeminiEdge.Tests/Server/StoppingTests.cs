using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>What SIGTERM means for those who are being answered.</summary>
public sealed class StoppingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-stop-");

    private string Log => Path.Combine(_folder.FullName, "log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Stream_IsLongerThanTheGrace_EndsWithAnErrorEventAndNobodyIsBlamed()
    {
        await using var upstream = Streaming(end: null);
        await using var edge = await StartAsync(upstream, "00:00:00.3");
        using var response = await edge.GenerateAsync(stream: true);
        await using var answer = await response.Content.ReadAsStreamAsync();
        await answer.ExpectAsync("data: {\"text\":\"one\"}\n\n");

        edge.Terminate();

        using var reader = new StreamReader(answer);
        Assert.Equal("event: error", await reader.ReadLineAsync());
        Assert.Equal("edge_stopped", JsonNode.Parse((await reader.ReadLineAsync())!["data: ".Length..])!["code"]!.GetValue<string>());
        Assert.Equal(0, await edge.ExitCodeAsync());
        var line = Assert.Single(Lines(), line => line["event"]!.GetValue<string>().StartsWith("gemini_", StringComparison.Ordinal));
        Assert.Equal(("gemini_cancel", "edge_stopped"), (line["event"]!.GetValue<string>(), line["verdict"]!.GetValue<string>()));
    }

    [Fact]
    public async Task NativeStream_IsLongerThanTheGrace_IsAbortedAndNobodyIsBlamed()
    {
        await using var upstream = Streaming(end: null);
        await using var edge = await StartAsync(upstream, "00:00:00.3");
        using var body = new StringContent(EdgeHost.Contents("Say hello"), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(edge.Url, "/v1beta/models/m:streamGenerateContent?alt=sse")) { Content = body };
        using var response = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await (await response.Content.ReadAsStreamAsync()).ExpectAsync("data: ");

        edge.Terminate();

        Assert.False((await response.ReadAllAsync()).IsWhole);
        Assert.Equal(0, await edge.ExitCodeAsync());
        var line = Assert.Single(Lines(), line => line["event"]!.GetValue<string>().StartsWith("gemini_", StringComparison.Ordinal));
        Assert.Equal(("gemini_cancel", "edge_stopped"), (line["event"]!.GetValue<string>(), line["verdict"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Stream_EndsWithinTheGrace_IsWhole()
    {
        var end = new TaskCompletionSource();
        await using var upstream = Streaming(end.Task);
        await using var edge = await StartAsync(upstream, "00:01:00");
        using var response = await edge.GenerateAsync(stream: true);
        await using var answer = await response.Content.ReadAsStreamAsync();
        await answer.ExpectAsync("data: {\"text\":\"one\"}\n\n");

        edge.Terminate();
        await edge.ClosedAsync();
        end.SetResult();

        Assert.Contains("event: done", await new StreamReader(answer).ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await edge.ExitCodeAsync());
        Assert.Single(Lines(), line => line["event"]!.GetValue<string>() == "gemini_ok");
    }

    [Fact]
    public async Task CtrlC_ASecondTime_EndsAtOnce()
    {
        await using var upstream = Streaming(end: null);
        await using var edge = await StartAsync(upstream, "00:10:00");
        using var response = await edge.GenerateAsync(stream: true);
        await (await response.Content.ReadAsStreamAsync()).ExpectAsync("data: ");

        edge.Interrupt();
        await edge.ClosedAsync();
        edge.Interrupt();

        Assert.Equal(130, await edge.ExitCodeAsync());
    }

    private static RawUpstream Streaming(Task? end) => RawUpstream.Start(async (stream, stop) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + GeminiChunk.Event(GeminiChunk.Text("one"))), stop);
        await (end ?? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(GeminiChunk.Event(GeminiChunk.Text("two", "STOP"))), stop);
    });

    private Task<ShellEdge> StartAsync(RawUpstream upstream, string grace) => ShellEdge.StartAsync(
        "", $">{Log} 2>/dev/null", ("GEMINI_BASE_URL", upstream.Url), ("GEMINI_API_KEY_PRIMARY", "AIzaSy-of-a-test-0123456789"), ("GeminiEdge__ShutdownGrace", grace));

    private IEnumerable<JsonNode> Lines() => File.ReadAllLines(Log).Select(line => JsonNode.Parse(line)!);
}
