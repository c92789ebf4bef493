using System.Net;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>The rule of replay on real connections, whose handler has ideas of its own about repeating requests.</summary>
public class ReplaySocketTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reset_Generate_GoesToSecondary(bool pooled)
    {
        await using var edge = await StartAsync(pooled);

        var response = await edge.NativeAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([edge.Primary.Value, edge.Secondary.Value], edge.Sandbox.Requests.Select(request => request.Key));
    }

    [Theory]
    [InlineData(true, "predictLongRunning", """{"instances":[{"prompt":"A film"}]}""")]
    [InlineData(false, "predictLongRunning", """{"instances":[{"prompt":"A film"}]}""")]
    [InlineData(true, "batchGenerateContent", "")]
    public async Task Reset_SomethingToDoOnce_IsSentOnceAndNobodyKnows(bool pooled, string action, string body)
    {
        await using var edge = await StartAsync(pooled);

        var response = await edge.PostAsync($"/v1beta/models/veo:{action}", body);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("outcome_unknown", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal([edge.Primary.Value], edge.Sandbox.Requests.Select(request => request.Key));
    }

    /// <summary>From now on PRIMARY's connections are reset when a request has been received.</summary>
    private static async Task<EdgeHost> StartAsync(bool pooled)
    {
        var edge = await EdgeHost.StartAsync();
        if (pooled)
        {
            await (await edge.NativeAsync()).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        edge.Sandbox.ClearRequests();
        edge.Sandbox.OnRequest = context =>
        {
            var isPrimary = context.Request.Headers["x-goog-api-key"] == edge.Primary.Value;
            if (isPrimary)
            {
                context.Abort();
            }

            return Task.FromResult(isPrimary);
        };
        return edge;
    }
}
