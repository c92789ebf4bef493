using System.Net;
using GeminiEdge.Configuration;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>An upload at an edge that asks for a key, and what its client sends then.</summary>
internal static class SignedUpload
{
    public const string CallerKey = "caller-key-of-the-edge";

    public static void Credential(HttpRequestMessage request) => request.Headers.Add("x-goog-api-key", CallerKey);

    public static async Task<Uri> UrlAsync(EdgeHost edge)
    {
        var response = await Uploading.StartAsync(edge, change: Credential);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new Uri(response.Header("x-goog-upload-url"));
    }

    /// <summary>Asks how far the upload has come.</summary>
    public static Task<RawAnswer> SendRawAsync(EdgeHost edge, string target, params string[] headers) =>
        RawHttp.SendAsync(edge, "POST", target, [.. headers, "X-Goog-Upload-Command: query", "Content-Length: 0"]);

    public static Task<EdgeHost> EdgeAsync(TimeProvider? time = null, Hosting hosting = Hosting.Development, string? publicUrl = null) => EdgeHost.StartAsync(new EdgeSetup
    {
        Hosting = hosting,
        Time = time ?? TimeProvider.System,
        Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey, ["GEMINI_EDGE_PUBLIC_URL"] = publicUrl },
    });

    /// <summary>Another instance, with these keys.</summary>
    public static Task<EdgeHost> InstanceAsync(EdgeHost beside, string primary, string? old = null) => EdgeHost.StartAsync(new EdgeSetup
    {
        Keys = 0,
        Settings =
        {
            ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey,
            ["GEMINI_BASE_URL"] = beside.Sandbox.BaseUrl.ToString(),
            ["GEMINI_API_KEY_PRIMARY"] = primary,
            ["GEMINI_API_KEY_OLD"] = old,
        },
    });
}
