using GeminiEdge.Sandbox.Gemini;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Sandbox;

public class UploadTests
{
    private const int Granularity = 4;

    [Fact]
    public async Task Upload_InChunks_EndsWithAFileOfTheProject()
    {
        await using var client = await StartAsync();
        var key = client.Sandbox.AddKey();
        var url = await BeginAsync(client, key, 10);
        Assert.StartsWith($"{client.Sandbox.BaseUrl}upload/v1beta/files?upload_id=", url, StringComparison.Ordinal);

        var first = await ContinueAsync(client, url, "upload", 0, "12345678");
        var query = await ContinueAsync(client, url, "query", null, "");
        var last = await ContinueAsync(client, url, "upload, finalize", 8, "90");

        Assert.Equal(("active", "8"), (first.Headers["x-goog-upload-status"], query.Headers["x-goog-upload-size-received"]));
        Assert.Equal((200, "final"), (last.Status, last.Headers["x-goog-upload-status"]));
        Assert.Equal("10", last.Json["file"]!["sizeBytes"]!.GetValue<string>());
        Assert.Equal("text/plain", last.Json["file"]!["mimeType"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("upload", 4, "1234", "Upload offset does not match")]
    [InlineData("upload", 0, "123", "Chunks must be multiples")]
    [InlineData("upload, finalize", 0, "123", "Upload has 3 bytes, but 10 were declared.")]
    [InlineData("hurry", 0, "1234", "Invalid upload command.")]
    public async Task Upload_ChunkIsWrong_Answers400(string command, int offset, string bytes, string message)
    {
        await using var client = await StartAsync();
        var url = await BeginAsync(client, client.Sandbox.AddKey(), 10);

        var reply = await ContinueAsync(client, url, command, offset, bytes);

        Assert.Equal(400, reply.Status);
        Assert.StartsWith(message, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_Cancelled_TakesNoMoreBytes()
    {
        await using var client = await StartAsync();
        var url = await BeginAsync(client, client.Sandbox.AddKey(), 4);

        var cancelled = await ContinueAsync(client, url, "cancel", null, "");

        Assert.Equal("cancelled", cancelled.Headers["x-goog-upload-status"]);
        Assert.Equal(400, (await ContinueAsync(client, url, "upload, finalize", 0, "1234")).Status);
    }

    [Fact]
    public async Task Upload_ContinuedWithAnotherProjectsKey_IsDenied()
    {
        await using var client = await StartAsync();
        var url = await BeginAsync(client, client.Sandbox.AddKey(), 4);
        var other = client.Sandbox.AddKey(project: "projects/2002");

        var reply = await ContinueAsync(client, url, "upload, finalize", 0, "1234", ("x-goog-api-key", other.Value));

        Assert.Equal(403, reply.Status);
    }

    [Fact]
    public async Task Upload_Multipart_IsAFileAtOnce()
    {
        await using var client = await StartAsync();
        using var body = new MultipartContent("related")
        {
            SandboxClient.Json("""{"file":{"displayName":"note"}}"""),
            new StringContent("hello"),
        };

        var reply = await client.SendAsync(HttpMethod.Post, "/upload/v1beta/files", body,
            ("x-goog-api-key", client.Sandbox.AddKey().Value), ("X-Goog-Upload-Protocol", "multipart"));

        Assert.Equal("note", reply.Json["file"]!["displayName"]!.GetValue<string>());
        Assert.Equal("5", reply.Json["file"]!["sizeBytes"]!.GetValue<string>());
    }

    [Fact]
    public async Task File_UsedByAnotherProjectOrAfterItsLife_IsDenied()
    {
        var time = new FakeTimeProvider();
        await using var client = await StartAsync(time);
        var owner = client.Sandbox.AddKey();
        var sibling = client.Sandbox.AddKey();
        var other = client.Sandbox.AddKey(project: "projects/2002");
        var file = (await ContinueAsync(client, await BeginAsync(client, owner, 4), "upload, finalize", 0, "1234")).Json["file"]!;
        var name = file["name"]!.GetValue<string>();
        var body = $$"""{"contents":[{"parts":[{"text":"What?"},{"fileData":{"fileUri":"{{file["uri"]}}" } }]}]}""";

        Assert.Equal(200, (await client.GenerateAsync(sibling, body)).Status);
        var denied = await client.GenerateAsync(other, body);
        Assert.Equal((403, $"You do not have permission to access the File {name[6..]} or it may not exist."), (denied.Status, denied.Message));
        Assert.Equal(403, (await client.GetAsync($"/v1beta/{name}", other)).Status);

        time.Advance(TimeSpan.FromHours(48));
        Assert.Equal(403, (await client.GetAsync($"/v1beta/{name}", owner)).Status);
    }

    [Fact]
    public async Task Cache_UsedByAnotherProject_IsDenied()
    {
        await using var client = await StartAsync();
        var owner = client.Sandbox.AddKey();
        var other = client.Sandbox.AddKey(project: "projects/2002");
        var created = await client.PostAsync(
            "/v1beta/cachedContents", $$"""{"model":"models/{{SandboxClient.Model}}","contents":[{"parts":[{"text":"long"}]}]}""", owner);
        var body = SandboxClient.Prompt[..^1] + $$""","cachedContent":"{{created.Json["name"]}}"}""";

        Assert.Equal(200, (await client.GenerateAsync(owner, body)).Status);
        var denied = await client.GenerateAsync(other, body);
        Assert.Equal((403, "CachedContent not found (or permission denied)"), (denied.Status, denied.Message));
    }

    private static Task<SandboxClient> StartAsync(TimeProvider? time = null) => SandboxClient.StartAsync(
        new() { TimeProvider = time ?? TimeProvider.System, ChunkDelay = TimeSpan.Zero, UploadGranularity = Granularity });

    private static async Task<string> BeginAsync(SandboxClient client, SandboxKey key, int length)
    {
        var reply = await client.SendAsync(HttpMethod.Post, "/upload/v1beta/files", SandboxClient.Json("{}"),
            ("x-goog-api-key", key.Value), ("X-Goog-Upload-Protocol", "resumable"), ("X-Goog-Upload-Command", "start"),
            ("X-Goog-Upload-Header-Content-Length", $"{length}"), ("X-Goog-Upload-Header-Content-Type", "text/plain"));
        Assert.Equal((200, "active", ""), (reply.Status, reply.Headers["x-goog-upload-status"], reply.Text));
        Assert.Equal($"{Granularity}", reply.Headers["x-goog-upload-chunk-granularity"]);
        return reply.Headers["x-goog-upload-url"];
    }

    private static Task<Reply> ContinueAsync(
        SandboxClient client, string url, string command, int? offset, string bytes, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Post, url, new StringContent(bytes),
            [("X-Goog-Upload-Command", command), .. offset is null ? [] : new[] { ("X-Goog-Upload-Offset", $"{offset}") }, .. headers]);
}
