using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>Bodies that the edge makes itself: for a prompt, and for a probe.</summary>
public class OwnBodyTests
{
    [Theory]
    [InlineData("/api/generate", """{"prompt":"Hi"}""")]
    [InlineData("/api/admin/probe", "")]
    public async Task OwnBody_CallersHeadersDescribeTheirs_AreNotSentOn(string path, string body)
    {
        await using var edge = await EdgeHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body) };
        request.Content.Headers.ContentType = body.Length == 0 ? new("application/x-www-form-urlencoded") : null;
        request.Headers.Add("x-goog-fieldmask", "usageMetadata");
        request.Headers.Add("Range", "bytes=0-1");

        using var response = await edge.Client.SendAsync(request);

        Assert.True(response.IsSuccessStatusCode);
        Assert.All(edge.Sandbox.Requests, sent =>
        {
            Assert.Equal("application/json", sent.Headers["Content-Type"].ToString());
            Assert.DoesNotContain(sent.Headers.Keys, name => name.ToUpperInvariant() is "X-GOOG-FIELDMASK" or "RANGE");
        });
    }

    [Fact]
    public async Task Generate_WhileTheUpstreamWorks_CountsItsBody()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = SandboxKeyState.Silent;
        var budget = edge.Services.GetRequiredService<MemoryBudget>();
        using var leaving = new CancellationTokenSource();

        var pending = edge.Client.PostAsync("/api/generate", new StringContent($$"""{"prompt":"{{new string('x', 700_000)}}"}""", null, "application/json"), leaving.Token);
        await Eventually.IsAsync(() => edge.Primary.RequestCount == 1);

        Assert.InRange(budget.Used, 700_000, 800_000);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await Eventually.IsAsync(() => budget.Used == 0);
    }
}
