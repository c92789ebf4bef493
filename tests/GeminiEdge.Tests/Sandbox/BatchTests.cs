using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Sandbox;

public class BatchTests
{
    private const string Create = $"/v1beta/models/{SandboxClient.Model}:batchGenerateContent";
    private const string Inlined = """{"batch":{"displayName":"two","inputConfig":{"requests":{"requests":[{"request":{"contents":[{"parts":[{"text":"One?"}]}]},"metadata":{"key":"a"}},{"request":{"contents":[{"parts":[{"text":7}]}]},"metadata":{"key":"b"}}]}}}}""";

    [Fact]
    public async Task Batch_OfInlinedRequests_WaitsUntilItIsAskedForAndAnswersInline()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();

        var created = (await client.PostAsync(Create, Inlined, key)).Json;
        var name = created["name"]!.GetValue<string>();
        var listed = (await client.GetAsync("/v1beta/batches", key)).Json;
        var done = (await client.GetAsync($"/v1beta/{name}", key)).Json;

        Assert.StartsWith("batches/", name, StringComparison.Ordinal);
        Assert.Equal(("BATCH_STATE_PENDING", "two", "2", null), (State(created), created["metadata"]!["displayName"]!.GetValue<string>(), created["metadata"]!["batchStats"]!["pendingRequestCount"]!.GetValue<string>(), created["done"]));
        Assert.Equal(name, Assert.Single(listed["operations"]!.AsArray())!["name"]!.GetValue<string>());
        Assert.Equal(("BATCH_STATE_SUCCEEDED", true), (State(done), done["done"]!.GetValue<bool>()));
        var responses = done["response"]!["inlinedResponses"]!["inlinedResponses"]!.AsArray();
        Assert.True(JsonNode.DeepEquals(responses, done["metadata"]!["output"]!["inlinedResponses"]!["inlinedResponses"]));
        Assert.Equal("Sandbox answer to: One?", responses[0]!["response"]!["candidates"]![0]!["content"]!["parts"]![0]!["text"]!.GetValue<string>());
        Assert.Equal((3, "a", "b"), (responses[1]!["error"]!["code"]!.GetValue<int>(), responses[0]!["metadata"]!["key"]!.GetValue<string>(), responses[1]!["metadata"]!["key"]!.GetValue<string>()));
        Assert.Equal("1", done["metadata"]!["batchStats"]!["failedRequestCount"]!.GetValue<string>());
    }

    [Fact]
    public async Task Batch_OfAFile_AnswersAFileThatCanBeDownloaded()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        var file = await UploadAsync(client, key, """
            {"key":"first","request":{"contents":[{"parts":[{"text":"One?"}]}]}}
            {"key":"second","request":{"contents":[{"parts":[{"text":"Two?"}]}],"generationConfig":{"responseMimeType":"application/json"}}}
            """);

        var created = await client.PostAsync(Create, $$$$"""{"batch":{"displayName":"file","inputConfig":{"fileName":"{{{{file}}}}"}}}""", key);
        var done = (await client.GetAsync($"/v1beta/{created.Json["name"]}", key)).Json;
        var result = done["response"]!["responsesFile"]!.GetValue<string>();
        var lines = (await client.GetAsync($"/download/v1beta/{result}:download?alt=media", key)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();

        Assert.Equal(file, created.Json["metadata"]!["inputConfig"]!["fileName"]!.GetValue<string>());
        Assert.Equal(result, done["metadata"]!["output"]!["responsesFile"]!.GetValue<string>());
        Assert.Equal(["first", "second"], lines.Select(line => line["key"]!.GetValue<string>()));
        Assert.Equal("Sandbox answer to: One?", lines[0]["response"]!["candidates"]![0]!["content"]!["parts"]![0]!["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task Batch_ThatTakesItsTime_RunsAndCanBeCancelledAndDeleted()
    {
        var time = new FakeTimeProvider();
        await using var client = await SandboxClient.StartAsync(new() { TimeProvider = time, BatchDuration = TimeSpan.FromHours(1) });
        var key = client.Sandbox.AddKey();
        var (first, second) = (await NewAsync(client, key), await NewAsync(client, key));

        Assert.Equal("BATCH_STATE_RUNNING", State((await client.GetAsync($"/v1beta/{first}", key)).Json));
        var cancelled = await client.PostAsync($"/v1beta/{second}:cancel", "", key);
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal((200, "{}"), (cancelled.Status, cancelled.Text.Trim()));
        Assert.Equal("BATCH_STATE_SUCCEEDED", State((await client.GetAsync($"/v1beta/{first}", key)).Json));
        var end = (await client.GetAsync($"/v1beta/{second}", key)).Json;
        Assert.Equal(("BATCH_STATE_CANCELLED", true, 1), (State(end), end["done"]!.GetValue<bool>(), end["error"]!["code"]!.GetValue<int>()));
        Assert.Equal(200, (await client.SendAsync(HttpMethod.Delete, $"/v1beta/{second}", null, ("x-goog-api-key", key.Value))).Status);
        Assert.Equal((404, "NOT_FOUND"), await StatusAsync(client, key, second));
    }

    [Fact]
    public async Task Batch_OfAnotherProject_IsNotThere()
    {
        await using var client = await SandboxClient.StartAsync();
        var (key, stranger) = (client.Sandbox.AddKey(), client.Sandbox.AddKey(project: "projects/2"));
        var name = await NewAsync(client, key);
        var file = await UploadAsync(client, key, "{}");

        Assert.Equal((404, "NOT_FOUND"), await StatusAsync(client, stranger, name));
        Assert.Equal(404, (await client.PostAsync($"/v1beta/{name}:cancel", "", stranger)).Status);
        Assert.Equal("{}", (await client.GetAsync("/v1beta/batches", stranger)).Text.Trim());
        Assert.Equal(403, (await client.PostAsync(Create, $$$$"""{"batch":{"inputConfig":{"fileName":"{{{{file}}}}"}}}""", stranger)).Status);
    }

    [Theory]
    [InlineData("""{"batch":{"displayName":"none"}}""", "source is not specified")]
    [InlineData("""{"batch":{"inputConfig":{"requests":{"requests":[]}}}}""", "source is not specified")]
    [InlineData("""{"displayName":"none"}""", "Unknown name \"displayName\"")]
    public async Task Batch_WithoutRequests_Answers400(string body, string message)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync(Create, body, client.Sandbox.AddKey());

        Assert.Equal(400, reply.Status);
        Assert.Contains(message, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_FileOfSomethingElse_Answers400()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        var file = await UploadAsync(client, key, "no json");

        var reply = await client.PostAsync(Create, $$$$"""{"batch":{"inputConfig":{"fileName":"{{{{file}}}}"}}}""", key);

        Assert.Equal(400, reply.Status);
        Assert.Contains(file, reply.Message, StringComparison.Ordinal);
    }

    private static async Task<string> NewAsync(SandboxClient client, SandboxKey key) => (await client.PostAsync(Create, Inlined, key)).Json["name"]!.GetValue<string>();

    private static async Task<(int, string)> StatusAsync(SandboxClient client, SandboxKey key, string name)
    {
        var reply = await client.GetAsync($"/v1beta/{name}", key);
        return (reply.Status, reply.Error["status"]!.GetValue<string>());
    }

    private static string State(JsonNode operation) => operation["metadata"]!["state"]!.GetValue<string>();

    private static async Task<string> UploadAsync(SandboxClient client, SandboxKey key, string text)
    {
        using var content = new MultipartContent("related")
        {
            new StringContent("""{"file":{"displayName":"requests"}}""", Encoding.UTF8, "application/json"),
            new StringContent(text, Encoding.UTF8, "application/jsonl"),
        };
        var reply = await client.SendAsync(HttpMethod.Post, "/upload/v1beta/files", content, ("x-goog-api-key", key.Value), ("X-Goog-Upload-Protocol", "multipart"));
        return reply.Json["file"]!["name"]!.GetValue<string>();
    }
}
