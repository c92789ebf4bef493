using System.Text;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Sandbox;

/// <summary>A sandbox with one key per state asked for, and a plain client of it.</summary>
internal sealed class SandboxClient : IAsyncDisposable
{
    public const string Prompt = """{"contents":[{"role":"user","parts":[{"text":"Say hello to the whole world"}]}]}""";
    public const string Model = "gemini-flash-latest";

    private readonly HttpClient _http;

    private SandboxClient(GeminiSandbox sandbox)
    {
        Sandbox = sandbox;
        _http = new() { BaseAddress = sandbox.BaseUrl };
    }

    public GeminiSandbox Sandbox { get; }

    public static async Task<SandboxClient> StartAsync(GeminiSandboxOptions? options = null) =>
        new(await GeminiSandbox.StartAsync(options ?? new() { ChunkDelay = TimeSpan.Zero }, TestContext.Current.CancellationToken));

    public async Task<Reply> SendAsync(HttpMethod method, string target, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, target) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var all = response.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(',', header.Value));
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, text, all);
    }

    public Task<Reply> PostAsync(string target, string json, SandboxKey key) =>
        SendAsync(HttpMethod.Post, target, Json(json), ("x-goog-api-key", key.Value));

    public Task<Reply> GetAsync(string target, SandboxKey key) => SendAsync(HttpMethod.Get, target, null, ("x-goog-api-key", key.Value));

    public Task<Reply> GenerateAsync(SandboxKey key, string body = Prompt) => PostAsync($"/v1beta/models/{Model}:generateContent", body, key);

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Sandbox.DisposeAsync();
    }
}
