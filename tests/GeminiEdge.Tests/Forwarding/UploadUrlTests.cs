using System.Net;
using GeminiEdge.Tests.Support;
using static GeminiEdge.Tests.Forwarding.SignedUpload;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>The URL that a start hands out is the edge's own, whatever the upstream answers, and signed over nothing that a caller chose.</summary>
public class UploadUrlTests
{
    [Fact]
    public async Task Start_CallerNamesAnEndOfItsOwn_IsNotSigned()
    {
        await using var edge = await EdgeAsync();

        var response = await Uploading.StartAsync(edge, "?gemini_edge_expires=9999999999&gemini_edge_signature=x&$httpMethod=DELETE&alt=json", Credential);

        var url = response.Header("x-goog-upload-url");
        Assert.Equal("/upload/v1beta/files?alt=json", edge.Sandbox.Requests[^1].Target);
        Assert.DoesNotContain("9999999999", url, StringComparison.Ordinal);
        Assert.Equal(200, (await SendRawAsync(edge, new Uri(url).PathAndQuery)).Status);
    }

    [Fact]
    public async Task Start_ThePublicAddressHasAPath_TheSignatureIsOverWhatTheEdgeSees()
    {
        await using var edge = await EdgeAsync(publicUrl: "https://gateway.example/edge");

        var url = (await UrlAsync(edge)).AbsoluteUri;

        Assert.StartsWith("https://gateway.example/edge/upload/v1beta/files?", url, StringComparison.Ordinal);
        Assert.Equal(200, (await SendRawAsync(edge, url["https://gateway.example/edge".Length..])).Status);
    }

    [Theory]
    [InlineData("/upload/v1beta/files?upload_id=r", "/upload/v1beta/files?upload_id=r&")]
    [InlineData("https://upload.example/upload/v1beta/files?upload_id=r&quotaUser=u", "/upload/v1beta/files?upload_id=r&")]
    [InlineData("https://upload.example/upload/v1beta/files", "/upload/v1beta/files?")]
    [InlineData("https://upload.example/other/v1beta/files?upload_id=r", null)]
    [InlineData("https://upload.example/upload/../v1beta/files?upload_id=r", null)]
    [InlineData("https://upload.example//upload/v1beta/files?upload_id=r", null)]
    [InlineData("https://upload.example/upload/v1beta/%2e%2e/files?upload_id=r", null)]
    [InlineData("https://upload.example", null)]
    [InlineData("upload/v1beta/files?upload_id=r", null)]
    [InlineData("nonsense", null)]
    public async Task Start_WhateverUrlTheUpstreamNames_TheEdgesOwnOrNone(string url, string? beginning)
    {
        await using var edge = await EdgeAsync();
        edge.Sandbox.OnRequest = context =>
        {
            context.Response.Headers["x-goog-upload-url"] = url;
            context.Response.Headers["x-goog-upload-control-url"] = new(new[] { url, url });
            return Task.FromResult(true);
        };

        var response = await Uploading.StartAsync(edge, change: Credential);

        var handed = response.Headers.TryGetValues("x-goog-upload-url", out var values) ? values.Single() : null;
        Assert.Equal(beginning is null, handed is null);
        Assert.StartsWith(beginning is null ? "" : $"http://{edge.Url.Authority}{beginning}gemini_edge_key_id=", handed ?? "", StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("x-goog-upload-control-url"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(302)]
    public async Task Start_IsRefused_NoUrlOfTheUpstreamIsPassedOn(int status)
    {
        await using var edge = await EdgeAsync();
        edge.Sandbox.OnRequest = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["x-goog-upload-url"] = context.Response.Headers["x-goog-upload-control-url"] = context.Response.Headers.Location =
                $"{edge.Sandbox.BaseUrl}upload/v1beta/files?upload_id=u";
            return Task.FromResult(true);
        };

        var response = await Uploading.StartAsync(edge, change: Credential);

        Assert.DoesNotContain(response.Headers, header => header.Value.Any(value => value.Contains(edge.Sandbox.BaseUrl.Authority, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Start_UpstreamHasAPathOfItsOwn_TheUrlHasNot()
    {
        await using var edge = await EdgeAsync();
        await using var behind = await EdgeHost.StartAsync(new EdgeSetup
        {
            Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey, ["GEMINI_BASE_URL"] = "https://gateway.example/gemini" },
            Upstream = new FakeUpstream(_ =>
            {
                var answer = new HttpResponseMessage(HttpStatusCode.OK);
                answer.Headers.Add("x-goog-upload-url", "https://gateway.example/gemini/upload/v1beta/files?upload_id=r");
                return answer;
            }),
        });

        var response = await Uploading.StartAsync(behind, change: Credential);

        Assert.StartsWith($"http://{behind.Url.Authority}/upload/v1beta/files?upload_id=r&", response.Header("x-goog-upload-url"), StringComparison.Ordinal);
    }
}
