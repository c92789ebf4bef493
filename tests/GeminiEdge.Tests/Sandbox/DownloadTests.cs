using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Sandbox;

public class DownloadTests
{
    private const string Bytes = "0123456789";

    [Theory]
    [InlineData(null, 200, Bytes)]
    [InlineData("bytes=2-4", 206, "234")]
    [InlineData("bytes=7-", 206, "789")]
    [InlineData("bytes=7-99", 206, "789")]
    [InlineData("bytes=-3", 206, "789")]
    [InlineData("bytes=-99", 206, Bytes)]
    [InlineData("bytes=10-", 416, "")]
    [InlineData("bytes=0-1,3-4", 200, Bytes)]
    [InlineData("nonsense", 200, Bytes)]
    public async Task Download_OfAFile_IsPointedElsewhereAndAnsweredThere(string? range, int status, string bytes)
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        var name = await UploadAsync(client, key, Bytes);
        var headers = range is null ? [("x-goog-api-key", key.Value)] : new[] { ("x-goog-api-key", key.Value), ("Range", range) };

        // SandboxClient follows redirects, as every client of Google does.
        var reply = await client.SendAsync(HttpMethod.Get, $"/v1beta/{name}:download?alt=media", null, headers);

        Assert.Equal((status, bytes), (reply.Status, reply.Text));
        Assert.Equal([$"/v1beta/{name}:download?alt=media", $"/download/v1beta/{name}:download?alt=media"], client.Sandbox.Requests.Skip(1).Select(request => request.Target));
    }

    [Fact]
    public async Task Download_OfAnotherProjectsFileOrWithoutAKey_IsDenied()
    {
        await using var client = await SandboxClient.StartAsync();
        var path = $"/download/v1beta/{await UploadAsync(client, client.Sandbox.AddKey(), Bytes)}:download?alt=media";

        var other = await client.GetAsync(path, client.Sandbox.AddKey(project: "projects/2002"));
        var nobody = await client.SendAsync(HttpMethod.Get, path, null);

        Assert.StartsWith("You do not have permission to access the File", other.Message, StringComparison.Ordinal);
        Assert.Equal((403, 403), (other.Status, nobody.Status));
    }

    [Fact]
    public async Task Download_OfALargeFile_SaysThatItsBytesAreNotKept()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        var name = await UploadAsync(client, key, new string('x', 8 * 1024 * 1024 + 1));

        var reply = await client.GetAsync($"/download/v1beta/{name}:download?alt=media", key);

        Assert.Equal((400, "The sandbox keeps the bytes of files of at most 8388608 bytes."), (reply.Status, reply.Message));
    }

    private static async Task<string> UploadAsync(SandboxClient client, SandboxKey key, string bytes)
    {
        using var body = new MultipartContent("related") { SandboxClient.Json("{}"), new StringContent(bytes) };
        var reply = await client.SendAsync(HttpMethod.Post, "/upload/v1beta/files", body, ("x-goog-api-key", key.Value), ("X-Goog-Upload-Protocol", "multipart"));
        return reply.Json["file"]!["name"]!.GetValue<string>();
    }
}
