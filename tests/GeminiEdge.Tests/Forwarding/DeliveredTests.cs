using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Whoever has the whole answer may go: nothing was cancelled.</summary>
public class DeliveredTests
{
    [Theory]
    [InlineData("/api/generate", """{"prompt":"Say hello"}""", "}}")]
    [InlineData("/api/generate", """{"prompt":"Say hello","stream":true}""", "event: done")]
    [InlineData("/v1beta/models/gemini-flash-latest:generateContent", """{"contents":[{"parts":[{"text":"Say hello"}]}]}""", "\"responseId\"")]
    [InlineData("/v1beta/openai/chat/completions", """{"model":"gemini-flash-latest","stream":true,"messages":[{"role":"user","content":"Hi"}]}""", "[DONE]\n\n")]
    public async Task Caller_HasEverythingAndCloses_IsNotLoggedAsCancelled(string target, string body, string end)
    {
        await using var edge = await EdgeHost.StartAsync();
        const int Callers = 150;
        for (var caller = 0; caller < Callers; caller++)
        {
            using var connection = await RawHttp.ConnectAsync(edge);
            await connection.WriteAsync($"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            var head = await connection.ReadUntilAsync("\r\n\r\n");
            var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
            if (length is null)
            {
                await connection.ReadUntilAsync(end);
            }
            else
            {
                await connection.ReadAsync(int.Parse(length["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        var attempts = await edge.Log.WaitForAsync("attempt", Callers);
        Assert.All(attempts, line => Assert.Equal("gemini_ok", LogCapture.Name(line)));
    }
}
