using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Sandbox;

public class CredentialTests
{
    private const string Key = "AIzaSyKnownKnownKnownKnownKnownKnown012";

    [Theory]
    [InlineData("/v1beta/models", "", "", 403, "Method doesn't allow unregistered callers")]
    [InlineData("/v1beta/models", "x-goog-api-key", Key, 200, "")]
    [InlineData("/v1beta/models?key=" + Key, "", "", 200, "")]
    [InlineData("/v1beta/models?key=" + Key, "x-goog-api-key", Key, 400, "Multiple authentication credentials received")]
    [InlineData("/v1beta/models?key=" + Key, "Authorization", "Bearer " + Key, 400, "Multiple authentication credentials received")]
    [InlineData("/v1beta/models", "Authorization", "Bearer " + Key, 401, "Request had invalid authentication credentials")]
    [InlineData("/v1beta/models", "x-goog-api-key", "unknown", 400, "API key not valid")]
    [InlineData("/v1beta/models", "x-goog-api-key", "AQ.unknown", 401, "Request had invalid authentication credentials")]
    [InlineData("/v1beta/openai/models", "Authorization", "Bearer " + Key, 200, "")]
    [InlineData("/v1beta/openai/models", "x-goog-api-key", Key, 400, "Missing or invalid Authorization header.")]
    [InlineData("/v1beta/openai/models?key=" + Key, "Authorization", "Bearer " + Key, 400, "Invalid Auth key.")]
    public async Task Request_WithCredentials_IsAnsweredByTheRuleOfItsRoute(string target, string header, string value, int status, string message)
    {
        await using var client = await SandboxClient.StartAsync();
        client.Sandbox.AddKey(Key);

        var reply = await client.SendAsync(HttpMethod.Get, target, null, header.Length > 0 ? [(header, value)] : []);

        Assert.Equal(status, reply.Status);
        Assert.StartsWith(message, status == 200 ? "" : reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_AreRecorded_WithTargetKeyAndBody()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey(state: SandboxKeyState.Invalid);

        await client.PostAsync($"/v1beta/models/{SandboxClient.Model}%3AgenerateContent?x=%2F", SandboxClient.Prompt, key);

        var request = Assert.Single(client.Sandbox.Requests);
        Assert.Equal(("POST", $"/v1beta/models/{SandboxClient.Model}%3AgenerateContent?x=%2F"), (request.Method, request.Target));
        Assert.Equal((key.Value, 1, 1), (request.Key, request.CredentialCount, key.RequestCount));
        Assert.Equal(SandboxClient.Prompt, System.Text.Encoding.UTF8.GetString(request.Body.Span));
    }

    [Theory]
    [InlineData(SandboxKeyKind.Auth, "^AQ\\.[0-9A-Za-z_-]{50}$")]
    [InlineData(SandboxKeyKind.Standard, "^AIza[0-9A-Za-z_-]{35}$")]
    public async Task AddKey_WithoutValue_MakesUpOneOfTheKind(SandboxKeyKind kind, string shape)
    {
        await using var client = await SandboxClient.StartAsync();

        Assert.Matches(shape, client.Sandbox.AddKey(kind: kind).Value);
    }
}
