using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Support;

/// <summary>Checks one of the edge's own errors: status, code, content type and every field of its shape.</summary>
internal static class EdgeErrors
{
    /// <summary>Problem details, as under <c>/api/</c>.</summary>
    public static async Task<JsonObject> AssertProblemAsync(HttpResponseMessage response, int status, string code)
    {
        var json = Problem(await response.Content.ReadAsStringAsync(), status, code);
        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString()));
        Assert.Equal(response.Headers.GetValues("x-request-id").Single(), json["request_id"]!.GetValue<string>());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        return json;
    }

    /// <summary>Google's shape, as everywhere else.</summary>
    /// <returns>The <c>error</c>.</returns>
    public static async Task<JsonObject> AssertGoogleAsync(HttpResponseMessage response, int status, string code)
    {
        var error = Google(await response.Content.ReadAsStringAsync(), status, code);
        Assert.Equal((status, "application/json; charset=UTF-8"), ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString()));
        Assert.Equal(response.Headers.GetValues("x-request-id").Single(), Info(error)["metadata"]!["request_id"]!.GetValue<string>());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        AssertWait(error, response.Headers.TryGetValues("Retry-After", out var wait) ? wait.Single() : null);
        return error;
    }

    public static void AssertProblem(RawAnswer answer, int status, string code)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        Assert.Equal(answer.Header("x-request-id"), Problem(answer.Body, status, code)["request_id"]!.GetValue<string>());
    }

    public static void AssertGoogle(RawAnswer answer, int status, string code)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal("application/json; charset=UTF-8", answer.Header("Content-Type"));
        var error = Google(answer.Body, status, code);
        Assert.Equal(answer.Header("x-request-id"), Info(error)["metadata"]!["request_id"]!.GetValue<string>());
        AssertWait(error, answer.Header("Retry-After"));
    }

    /// <summary>An error that tells a wait tells it twice: Google's SDKs read nothing but RetryInfo.</summary>
    public static void AssertWait(JsonObject error, string? retryAfter)
    {
        var infos = error["details"]!.AsArray().Skip(1).Select(detail => detail!.ToJsonString());
        Assert.Equal(retryAfter is null ? [] : [$$"""{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{{retryAfter}}s"}"""], infos);
    }

    /// <summary>The attempts in a Google error's metadata, which is a map of strings.</summary>
    public static JsonArray Attempts(JsonObject error) => JsonNode.Parse(Info(error)["metadata"]!["attempts"]!.GetValue<string>())!.AsArray();

    private static JsonObject Info(JsonObject error) => error["details"]![0]!.AsObject();

    private static JsonObject Problem(string body, int status, string code)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        Assert.Equal((status, code), (json["status"]!.GetValue<int>(), json["code"]!.GetValue<string>()));
        Assert.Equal("about:blank", json["type"]!.GetValue<string>());
        Assert.NotEmpty(json["title"]!.GetValue<string>());
        Assert.NotEmpty(json["detail"]!.GetValue<string>());
        return json;
    }

    private static JsonObject Google(string body, int status, string code)
    {
        var error = Assert.Single(JsonNode.Parse(body)!.AsObject()).Value!.AsObject();
        Assert.Equal(["code", "details", "message", "status"], error.Select(field => field.Key).Order());
        Assert.Equal(status, error["code"]!.GetValue<int>());
        Assert.Matches("^GeminiEdge: [^G].", error["message"]!.GetValue<string>());
        Assert.Matches("^[A-Z_]+$", error["status"]!.GetValue<string>());
        var info = Info(error);
        Assert.Equal(("type.googleapis.com/google.rpc.ErrorInfo", code, "gemini-edge"),
            (info["@type"]!.GetValue<string>(), info["reason"]!.GetValue<string>(), info["domain"]!.GetValue<string>()));
        Assert.All(info["metadata"]!.AsObject(), entry => Assert.Equal(System.Text.Json.JsonValueKind.String, entry.Value!.GetValueKind()));
        return error;
    }
}
