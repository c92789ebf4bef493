using System.Text;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A connection that was used before closes after the upstream has read a request: perhaps it was done.</summary>
public class UnseenRepeatTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    [Theory]
    [InlineData("DELETE", "/v1beta/files/x", 1, 504)]
    [InlineData("POST", "/v1beta/batches/x:cancel", 1, 504)]
    [InlineData("PATCH", "/v1beta/cachedContents/x", 1, 504)]
    [InlineData("OPTIONS", "/v1beta/models", 1, 504)]
    [InlineData("GET", "/v1beta/models", 2, 502)]
    [InlineData("HEAD", "/v1beta/models", 2, 502)]
    public async Task Connection_ClosesAfterTheRequestWasRead_EachOnTheWireIsOneAttempt(string verb, string target, int attempts, int status)
    {
        var (closes, seen) = (false, 0);
        await using var upstream = RawUpstream.Start(async (stream, stop) =>
        {
            // The head of the connection's first request has been read.
            do
            {
                if (Volatile.Read(ref closes))
                {
                    Interlocked.Increment(ref seen);
                    return;
                }

                await stream.WriteAsync(Encoding.ASCII.GetBytes(Answer), stop);
            }
            while (await HasRequestAsync(stream, stop));
        });
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_BASE_URL"] = upstream.Url, ["GeminiEdge:Patience"] = "00:00:00" } });
        for (var request = 0; request < 3; request++)
        {
            using var before = await edge.Client.GetAsync("/v1beta/models");
            Assert.Equal(200, (int)before.StatusCode);
        }

        Volatile.Write(ref closes, true);
        using var response = await edge.Client.SendAsync(new HttpRequestMessage(new HttpMethod(verb), target));

        Assert.Equal(status, (int)response.StatusCode);
        var logged = await edge.Log.WaitForAsync("gemini_fail", attempts);
        Assert.All(logged, line => Assert.Equal("network", line["verdict"]!.GetValue<string>()));
        Assert.Equal(attempts, Volatile.Read(ref seen));
    }

    private static async Task<bool> HasRequestAsync(Stream stream, CancellationToken stop)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop) == 0)
            {
                return false;
            }

            head.Append((char)one[0]);
        }

        return true;
    }
}
