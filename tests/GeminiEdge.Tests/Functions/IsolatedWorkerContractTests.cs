using System.Net;
using GeminiEdge.Tests.Functions.Host;

namespace GeminiEdge.Tests.Functions;

public sealed class IsolatedWorkerContractTests(SharedIsolatedWorker shared) : HostedContractTests(shared), IClassFixture<SharedIsolatedWorker>
{
    // So it was measured on the real host, which keeps the client's value: the worker waits 15 s for a request of the host's own.
    [Fact]
    public async Task InvocationId_OfTheClientsOwn_BreaksItsRequestAlone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/health");
        request.Headers.Add("x-ms-invocation-id", "an-id-of-the-client");
        var edge = shared.Edge;
        var broken = edge.Client.SendAsync(request, TestContext.Current.CancellationToken);

        using var beside = await edge.GenerateAsync();
        using var answer = await broken;

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.InternalServerError), (beside.StatusCode, answer.StatusCode));
        Assert.Empty(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
