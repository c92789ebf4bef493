using GeminiEdge.Configuration;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Access;

/// <summary>Routes and ways to present a key, for tests of who gets in.</summary>
internal static class Caller
{
    public const string Key = "caller-key-0123456789";
    public const string SecondKey = "another-caller-9876543210";
    public const string AdminKey = "admin-key-0123456789";

    /// <summary>A prompt to <c>/api/generate</c>.</summary>
    public const string Api = "POST /api/generate";
    public const string Native = "POST /v1beta/models/gemini-flash-latest:generateContent";
    public const string OpenAi = "GET /v1beta/openai/models";
    public const string Probe = "POST /api/admin/probe";
    public const string Refresh = "POST /api/admin/refresh";
    public const string Health = "GET /api/health";
    public const string Root = "GET /";

    /// <summary>An edge with these keys for callers; null configures none.</summary>
    public static Task<EdgeHost> EdgeAsync(string? clientKeys = null, string? adminKeys = null, Hosting hosting = Hosting.Development, string? functionsEnvironment = null) =>
        EdgeHost.StartAsync(new EdgeSetup
        {
            Hosting = hosting,
            Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = clientKeys, ["GEMINI_EDGE_ADMIN_KEYS"] = adminKeys, ["AZURE_FUNCTIONS_ENVIRONMENT"] = functionsEnvironment },
        });

    /// <summary>Calls a route with these headers and query ("?…").</summary>
    public static Task<RawAnswer> CallAsync(EdgeHost edge, string route, string query = "", params ReadOnlySpan<string> headers)
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        var body = route == Api ? """{"prompt":"Say hello"}""" : route == Native ? EdgeHost.Contents("Say hello") : "";
        var head = RawHttp.Head(edge, method, path + query, headers);
        return RawHttp.ExchangeAsync(edge, method == "POST" ? $"{head}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}" : head + "\r\n");
    }

    /// <summary>Whether the doorkeeper let it through: what lies behind the door may still be a 404.</summary>
    public static bool GotIn(RawAnswer answer)
    {
        Assert.True(answer.Status is 200 or 401 or 404, answer.Head);
        var refused = answer.Status == 401;
        Assert.Equal(refused, answer.Body.Contains("\"unauthorized\"", StringComparison.Ordinal));
        Assert.Equal(refused ? "Bearer" : null, answer.Header("WWW-Authenticate"));
        return !refused;
    }
}
