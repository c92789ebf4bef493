using GeminiEdge.Telemetry;

namespace GeminiEdge.Server;

/// <summary>
/// <c>GeminiEdge.Server --health</c>: asks the edge that listens where this process would. For a container's health check,
/// whose image holds no other program to ask with.
/// </summary>
internal static class HealthCheck
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <param name="listens">Where the edge listens; the first address is asked.</param>
    /// <returns>The exit code: 0 while the edge has a key that works, else 1.</returns>
    public static async Task<int> RunAsync(ListenAddress listens)
    {
        var address = BindingAddress.Parse(listens.Each[0]);
        if (address.IsUnixPipe)
        {
            return Fail($"{listens.Source} names a socket in the file system, which is not asked here: name a port first.");
        }

        var health = AddressOf(address);
        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Longest };
            using var answer = await http.GetAsync(health);
            return answer.IsSuccessStatusCode ? ExitCode.Done : Fail($"{health} answers {(int)answer.StatusCode}: no key works, or a setting is wrong.");
        }
        catch (HttpRequestException e)
        {
            return Fail($"{health} does not answer: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            return Fail($"{health} did not answer within {Longest.TotalSeconds} s.");
        }
    }

    /// <summary>An address to listen on may stand for all of the machine's; the machine itself is asked on its own.</summary>
    private static Uri AddressOf(BindingAddress address)
    {
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "127.0.0.1" : address.Host;
        return new UriBuilder(address.Scheme, host, address.Port, "/api/health").Uri;
    }

    private static int Fail(string reason)
    {
        StandardStreams.Say(reason, wait: TimeSpan.FromSeconds(1));
        return ExitCode.NotHealthy;
    }
}
