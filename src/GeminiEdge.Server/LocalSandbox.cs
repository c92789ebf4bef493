#if SANDBOX
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Status;
#endif

namespace GeminiEdge.Server;

/// <summary>
/// The simulated Gemini of a local run without keys. Every build holds it; nothing that is published does.
/// </summary>
internal sealed class LocalSandbox : IAsyncDisposable
{
#if SANDBOX
    private readonly GeminiSandbox _gemini;

    private LocalSandbox(GeminiSandbox gemini) => _gemini = gemini;

    public Uri BaseUrl => _gemini.BaseUrl;

    /// <summary>Starts it in Development when no key and no vault is configured, and points the settings at it.</summary>
    public static async Task<LocalSandbox?> StartWhenNeededAsync(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var hasKeys = configuration.AsEnumerable().Any(setting =>
            !string.IsNullOrWhiteSpace(setting.Value)
            && (setting.Key.StartsWith("GEMINI_API_KEY_", StringComparison.OrdinalIgnoreCase)
                || setting.Key.Equals("GEMINI_KEYVAULT_URI", StringComparison.OrdinalIgnoreCase)));
        if (hasKeys || !builder.Environment.IsDevelopment())
        {
            return null;
        }

        var gemini = await GeminiSandbox.StartAsync();
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["GEMINI_BASE_URL"] = gemini.BaseUrl.ToString(),
            ["GEMINI_API_KEY_PRIMARY"] = gemini.AddKey(project: "projects/1001").Value,
            ["GEMINI_API_KEY_SECONDARY"] = gemini.AddKey(project: "projects/1002").Value,
        });
        var sandbox = new LocalSandbox(gemini);
        builder.Services.AddSingleton<SandboxControl>(sandbox.Act);
        return sandbox;
    }

    public ValueTask DisposeAsync() => _gemini.DisposeAsync();

    /// <summary>What the operators' page offers while it runs.</summary>
    private bool Act(string action, string value) =>
        _gemini.Keys.FirstOrDefault(key => key.Value == value) is { } key && SandboxKeyActions.Apply(key, action);
#else
    private LocalSandbox(Uri baseUrl) => BaseUrl = baseUrl;

    public Uri BaseUrl { get; }

    public static Task<LocalSandbox?> StartWhenNeededAsync(WebApplicationBuilder builder) => Task.FromResult<LocalSandbox?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
#endif
}
