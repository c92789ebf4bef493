using System.Net;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Functions.Host;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Tests.Functions;

/// <summary>The stand-in routes, and changes requests, as the real host was measured to.</summary>
public class FunctionsHostTests
{
    // Measured on the real host, by the path it has decoded and normalised.
    [Theory]
    [InlineData("/api/health", "edge-1-health")]
    [InlineData("/api/admin/probe", "edge-2-admin")]
    [InlineData("/api/status", "edge-3-status")]
    [InlineData("/api/generate", "edge-4-api")]
    [InlineData("/API/generate", "edge-4-api")]
    [InlineData("/api/admin%2fx", "edge-4-api")]
    [InlineData("/v1beta/..%2fapi/generate", "edge-5-v1beta")]
    [InlineData("/v1/models", "edge-5-v1")]
    [InlineData("/download/v1beta/files/x:download", "edge-5-download")]
    [InlineData("//api/generate", null)]
    [InlineData("/api//generate", null)]
    [InlineData("/api%2fgenerate", null)]
    [InlineData("/api;x/generate", null)]
    [InlineData("/api\\generate", null)]
    [InlineData("/", null)]
    public void Path_IsMatchedByTheFirstFunctionInTheOrderOfNames(string path, string? name)
    {
        var functions = DeployedFunction.Of(Repository.PathOf("src", "GeminiEdge.Server", "CustomHandler"), "");

        Assert.Equal(name, functions.FirstOrDefault(function => function.Matches(path))?.Name);
    }

    [Theory]
    [InlineData("/v1beta/..%2fapi/generate", "/v1beta/..%252fapi/generate")]
    [InlineData("/v1beta/models/x%20y:z?a=%2f%20;//b", "/v1beta/models/x%20y:z?a=%2f%20;//b")]
    [InlineData("/v1beta/%2e%2e/api/generate", "/api/generate")]
    public async Task Request_ArrivesAtTheHandlerAsTheHostRewritesIt(string sent, string arrived)
    {
        await using var handler = await ServeAsync(_ => { }, context => context.Response.WriteAsync(new JsonObject
        {
            ["target"] = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            ["host"] = $"{context.Request.Host}",
            ["for"] = $"{context.Request.Headers["X-Forwarded-For"]}",
            ["proto"] = $"{context.Request.Headers["X-Forwarded-Proto"]}",
            ["forwarded-host"] = $"{context.Request.Headers["X-Forwarded-Host"]}",
            ["invocation"] = $"{context.Request.Headers["X-Azure-Functions-InvocationId"]}",
        }.ToJsonString()));
        var handlerUrl = new Uri(handler.Urls.Single());
        HostProxy? proxy = null;
        await using var front = await ServeAsync(builder => HostProxy.AddTo(builder.Services), context =>
        {
            CustomHandler.NameInvocation(context.Request);
            return proxy!.SendAsync(context, handlerUrl);
        });
        using (proxy = new HostProxy(front.Services))
        {
            var url = new Uri(front.Urls.Single());
            var answer = await RawHttp.ExchangeAsync(url, new SecretWatch(), RawHttp.Head(url, "GET", sent,
                "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: gopher", "X-Forwarded-Host: elsewhere.example") + "\r\n");

            var seen = JsonNode.Parse(answer.Body[answer.Body.IndexOf('{', StringComparison.Ordinal)..(answer.Body.LastIndexOf('}') + 1)])!;
            Assert.Equal(arrived, (string?)seen["target"]);
            Assert.Equal((handlerUrl.Authority, "127.0.0.1", "http", url.Authority),
                ((string?)seen["host"], (string?)seen["for"], (string?)seen["proto"], (string?)seen["forwarded-host"]));
            Assert.True(Guid.TryParse((string?)seen["invocation"], out _));
        }
    }

    private static async Task<WebApplication> ServeAsync(Action<WebApplicationBuilder> configure, RequestDelegate serve)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        configure(builder);
        var app = builder.Build();
        app.Run(serve);
        await app.StartAsync();
        return app;
    }
}
