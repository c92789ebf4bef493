using System.ClientModel;
using System.ClientModel.Primitives;
using System.Collections.Concurrent;
using System.Net;
using GeminiEdge.Tests.Clients;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using OpenAI;
using OpenAI.Chat;

namespace GeminiEdge.Tests.Overload;

/// <summary>What SDKs really send when they retry by themselves.</summary>
public class RetryingSdksTests
{
    [Fact]
    public async Task Sdks_OfJavaScript_OpenAisAloneMarksItsRetry()
    {
        var seen = new ConcurrentQueue<(string Who, bool IsRetry)>();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var server = builder.Build();
        server.Run(context =>
        {
            seen.Enqueue((context.Request.Path.Value!.Split('/')[1], SdkRetryTests.Of(context).IsSdkRetry));
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers["retry-after-ms"] = "1";
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("""{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}""");
        });
        await server.StartAsync(TestContext.Current.CancellationToken);

        var (exitCode, output) = await NodeClients.RetryAsync(new Uri(server.Urls.First()));

        Assert.True(exitCode == 0, $"retries.mjs exited with {exitCode}:\n{output}");
        var bySdk = seen.GroupBy(request => request.Who).ToDictionary(requests => requests.Key, requests => requests.Select(request => request.IsRetry));
        Assert.Equal(["google", "interactions", "langchain", "openai", "vercel"], bySdk.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([false, true], bySdk["openai"]);
        bySdk.Remove("openai");

        // They did ask again, and did not say so.
        Assert.All(bySdk.Values, requests => Assert.True(requests.Count() > 1));
        Assert.All(bySdk.Values, requests => Assert.DoesNotContain(true, requests));
    }

    [Fact]
    public async Task OpenAisClient_OfDotNet_MarksNothing()
    {
        using var busy = new Busy();
        using var http = new HttpClient(busy);
        var chat = new ChatClient("gemini-flash-latest", new ApiKeyCredential("unused"), new OpenAIClientOptions
        {
            Endpoint = new Uri("https://example.com/v1beta/openai/"),
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 1),
        });

        await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync("Hello?"));

        Assert.Equal([false, false], busy.Seen);
    }

    private sealed class Busy : HttpMessageHandler
    {
        public List<bool> Seen { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Seen.Add(SdkRetryTests.Of(request).IsSdkRetry);
            var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            response.Headers.TryAddWithoutValidation("retry-after-ms", "1");
            return Task.FromResult(response);
        }
    }
}
