using System.Text.Json;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Functions;
using Json.Schema;

namespace GeminiEdge.Tests.Support;

/// <summary>The edge's OpenAPI document: tells whether an answer is as it promises.</summary>
internal sealed class EdgeDocument
{
    private static readonly EvaluationOptions Strict = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private EdgeDocument(string text) => (Text, Json) = (text, JsonNode.Parse(text)!.AsObject());

    public string Text { get; }

    public JsonObject Json { get; }

    /// <summary>Each route as <c>GET /api/health</c>.</summary>
    public IEnumerable<string> Routes => Json["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}"));

    /// <summary>The document as it stands in the sources.</summary>
    public static EdgeDocument OfSources() => new(Repository.Read("src", "GeminiEdge", "Endpoints", "openapi.json"));

    /// <summary>The document as a running edge serves it.</summary>
    public static async Task<EdgeDocument> ReadAsync(HttpClient client) => new(await client.GetStringAsync("/api/openapi.json", TestContext.Current.CancellationToken));

    /// <summary>The answer of a route has a status, a type and a body that the document knows.</summary>
    public async Task AssertAnswerAsync(string route, HttpResponseMessage response)
    {
        var parts = route.Split(' ');
        var documented = Json["paths"]![parts[1]]![parts[0].ToLowerInvariant()]!["responses"]!.AsObject();
        var status = (int)response.StatusCode;
        var promise = Resolve(documented[$"{status}"] ?? (status is >= 400 and < 500 ? documented["4XX"] : null));
        Assert.True(promise is not null, $"{route} answered {status}, which is not documented.");
        Assert.All((promise["headers"]?.AsObject() ?? []).Where(header => header.Key == "x-request-id"), header => Assert.True(response.Headers.Contains(header.Key)));
        var type = response.Content.Headers.ContentType!.MediaType!;
        Assert.True(promise["content"]![type] is not null, $"{route} answered {status} as {type}, which is not documented.");
        if (type.EndsWith("json", StringComparison.Ordinal))
        {
            AssertFits(promise["content"]![type]!["schema"]!, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), $"{route} {status}");
        }
    }

    /// <summary>The data fit one of the document's schemas.</summary>
    public void AssertFits(string schema, JsonNode? data) => AssertFits(new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" }, data, schema);

    private void AssertFits(JsonNode schema, JsonNode? data, string what)
    {
        // References of the document become those of a schema that stands alone.
        var alone = new JsonObject { ["$defs"] = Json["components"]!["schemas"]!.DeepClone(), ["allOf"] = new JsonArray(schema.DeepClone()) };
        var text = alone.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
        using var element = JsonDocument.Parse(data?.ToJsonString() ?? "null");
        var result = JsonSchema.FromText(text).Evaluate(element.RootElement, Strict);
        Assert.True(result.IsValid, $"{what} is not as documented: {string.Join("; ", Faults(result))}\n{data?.ToJsonString()}");
    }

    private static IEnumerable<string> Faults(EvaluationResults result) => (result.Details ?? []).Where(detail => detail.Errors is not null)
        .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation} {error.Value}"));

    private JsonNode? Resolve(JsonNode? response) => (string?)response?["$ref"] is { } reference ? Json["components"]!["responses"]![reference.Split('/')[^1]] : response;
}
