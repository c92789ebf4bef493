using System.Net;
using GeminiEdge.Access;
using GeminiEdge.Configuration;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Access;

public class LocalCallerTests
{
    // No header of the request's, but a word to the test: nobody has looked at the function key.
    private const string FuncStart = "x-of-the-test: func start";

    [Theory]
    [InlineData("Host: localhost")]
    [InlineData("Host: LOCALHOST:7071")]
    [InlineData("Host: 127.0.0.1:1")]
    [InlineData("Host: 127.8.9.10")]
    [InlineData("Host: [::1]")]
    [InlineData("Host: [::1]:7071")]
    [InlineData("Origin: http://localhost:3000")]
    [InlineData("Sec-Fetch-Site: none")]
    [InlineData("Sec-Fetch-Site: same-origin")]
    public async Task NoKeys_HostIsLoopback_GetsIn(string host)
    {
        await using var edge = await Caller.EdgeAsync();

        Assert.All(new[] { await Caller.CallAsync(edge, Caller.Api, "", host), await Caller.CallAsync(edge, Caller.Refresh, "", host) },
            answer => Assert.Equal(200, answer.Status));
    }

    [Theory]
    [InlineData("Host: evil.example")]
    [InlineData("Host: localhost.evil")]
    [InlineData("Host: evil.localhost")]
    [InlineData("Host: 127.0.0.1.evil.example:7071")]
    [InlineData("Host: 192.0.2.1")]
    [InlineData("Host: [2001:db8::1]:7071")]
    [InlineData("Host: 0.0.0.0")]
    [InlineData("Host:")]
    [InlineData("X-Forwarded-For: 127.0.0.1")]
    [InlineData("x-forwarded-host: localhost")]
    [InlineData("X-Forwarded-Proto: http")]
    [InlineData("X-Forwarded-Anything:")]
    [InlineData("Forwarded: for=127.0.0.1;host=localhost")]
    [InlineData("Origin: https://evil.example")]
    [InlineData("Origin: null")]
    [InlineData("X-Real-IP: 127.0.0.1")]
    [InlineData("Via: 1.1 proxy")]
    [InlineData("CF-Connecting-IP: 127.0.0.1")]
    [InlineData("cf-ray: 1")]
    [InlineData("True-Client-IP: 127.0.0.1")]
    [InlineData("Sec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: same-site")]
    [InlineData("sec-fetch-site: anything")]
    [InlineData("Sec-Fetch-Site: none, cross-site")]
    public async Task NoKeys_NotACallerOfThisMachine_Is401(string header)
    {
        await using var edge = await Caller.EdgeAsync();

        foreach (var route in new[] { Caller.Api, Caller.Native, Caller.OpenAi, Caller.Refresh })
        {
            Assert.False(Caller.GotIn(await Caller.CallAsync(edge, route, "", header)), route);
        }

        Assert.Equal(200, (await Caller.CallAsync(edge, Caller.Health, "", header)).Status);
        Assert.Equal(200, (await Caller.CallAsync(edge, Caller.Root, "", header)).Status);
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [InlineData("X-Azure-Functions-InvocationId: 1")]
    [InlineData("X-Azure-Functions-HostVersion: 4.1037")]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_PORT: 7071")]
    [InlineData("x-ms-client-principal-id: admin")]
    [InlineData("X-Forwarded-Host: localhost")]
    public async Task ClientKeysConfigured_HeaderPretendsToBeTheHost_Is401(string header)
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key, Caller.AdminKey);

        Assert.False(Caller.GotIn(await Caller.CallAsync(edge, Caller.Api, "", header)));
        Assert.False(Caller.GotIn(await Caller.CallAsync(edge, Caller.Refresh, "", header)));
    }

    [Fact]
    public async Task ClientKeysConfigured_KeyComesThroughAProxy_GetsIn()
    {
        await using var edge = await Caller.EdgeAsync(Caller.Key);

        var answer = await Caller.CallAsync(edge, Caller.Native, "", "Host: edge.example", "X-Forwarded-For: 203.0.113.9", "x-goog-api-key: " + Caller.Key);

        Assert.Equal(200, answer.Status);
    }

    // What a page of another site can send with its images and scripts, and with fetch; func start asks for no key.
    [Theory]
    [InlineData(Hosting.CustomHandler, "", false, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image")]
    [InlineData(Hosting.IsolatedWorker, "", false, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script")]
    [InlineData(Hosting.CustomHandler, "", false, "Origin: https://evil.example")]
    [InlineData(Hosting.CustomHandler, "", true, "Sec-Fetch-Site: none")]
    [InlineData(Hosting.CustomHandler, "", true, "Sec-Fetch-Site: cross-site", "x-functions-key: a-function-key")]
    [InlineData(Hosting.IsolatedWorker, "?code=a-function-key", true, "Sec-Fetch-Site: cross-site")]
    [InlineData(Hosting.IsolatedWorker, "?code=anything", false, "Sec-Fetch-Site: cross-site", FuncStart)]
    [InlineData(Hosting.CustomHandler, "?key=anything", false, "Origin: https://evil.example", FuncStart)]
    [InlineData(Hosting.CustomHandler, "", true, "Sec-Fetch-Site: cross-site", "x-functions-key: anything", FuncStart)]
    [InlineData(Hosting.Development, "", false, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script")]
    public async Task ForeignPage_WithoutAKey_IsRefused(Hosting hosting, string query, bool getsIn, params string[] headers)
    {
        await using var edge = await Caller.EdgeAsync(hosting: hosting, functionsEnvironment: headers.Contains(FuncStart) ? "Development" : null);

        foreach (var route in new[] { Caller.Api, Caller.Refresh })
        {
            Assert.Equal(getsIn, Caller.GotIn(await Caller.CallAsync(edge, route, query, headers)));
        }
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("203.0.113.9", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData(null, false)]
    public void NoKeys_AddressOfTheCaller_DecidesWithTheHost(string? address, bool getsIn)
    {
        var doorkeeper = new Doorkeeper(new AccessOptions { OnHost = false, InDevelopment = true });
        var context = new DefaultHttpContext();
        context.Request.Host = new HostString("localhost", 7071);
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);

        Assert.Equal(getsIn, doorkeeper.Refusal(Area.Api, context) is null);
        Assert.Equal(getsIn, doorkeeper.Refusal(Area.Native, context) is null);
        Assert.Equal(getsIn, doorkeeper.Refusal(Area.Admin, context) is null);
    }
}
