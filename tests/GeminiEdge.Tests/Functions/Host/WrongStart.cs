namespace GeminiEdge.Tests.Functions.Host;

/// <summary>Settings that somebody got wrong, what a request then gets, and which events tell of it.</summary>
internal sealed record WrongStart(int Status, string[] Events, params (string Name, string Value)[] Settings)
{
    private const string Reference = "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/GEMINI-API-KEY-PRIMARY)";
    private static readonly string[] Ring = ["ring_changed"];
    private static readonly string[] RingAndWarning = ["configuration_warning", "ring_changed"];
    private static readonly string[] RingAndProblem = ["configuration_invalid", "ring_changed"];

    public static IReadOnlyDictionary<string, WrongStart> All { get; } = new WrongStart[]
    {
        new(200, Ring, ("GEMINI_API_KEY_PRIMARY", "")),
        new(200, RingAndWarning, ("GEMINI_API_KEY_PRIMARY", Reference)),
        new(200, RingAndWarning, ("GEMINI_API_KEY_SECONDARY", "two\nlines")),
        new(200, RingAndWarning, ("GEMINI_API_KEY_OLD", "a-key-that-was-used-before")),
        new(503, ["configuration_warning"], ("GEMINI_API_KEY_PRIMARY", ""), ("GEMINI_API_KEY_SECONDARY", "")),
        new(503, RingAndProblem, ("GEMINI_KEYVAULT_URI", "not an address")),
        new(200, ["ring_changed", "vault_unreachable"], ("GEMINI_KEYVAULT_URI", "https://vault.invalid/")),
        new(503, RingAndProblem, ("GEMINI_BASE_URL", "ftp://example.com")),
        new(503, RingAndProblem, ("GEMINI_MODEL", "a/b")),
        new(503, RingAndProblem, ("GEMINI_EDGE_FLEET", "nonsense")),
        new(200, ["fleet_unreachable", "ring_changed"], ("GEMINI_EDGE_FLEET", "https://tables.invalid/")),
        new(503, RingAndProblem, ("GEMINI_EDGE_PUBLIC_URL", "nonsense")),
        new(503, RingAndProblem, ("GeminiEdge__Deadline", "soon")),
        new(503, RingAndProblem, ("GeminiEdge__NoSuchSetting", "1")),
        new(200, Ring, ("ASPNETCORE_ENVIRONMENT", "Development")),
        new(200, Ring, ("ASPNETCORE_URLS", "nonsense")),
        new(200, Ring, ("ASPNETCORE_CONTENTROOT", "/no/such/folder")),
        new(200, Ring, ("Kestrel__Endpoints__Http__Url", "nonsense")),
        new(200, Ring, ("Logging__LogLevel__Default", "Nonsense")),
        new(200, Ring, ("AllowedHosts", "nobody.example")),
    }.ToDictionary(start => start.Title);

    private string Title => string.Join(", ", Settings.Select(setting => $"{setting.Name}={setting.Value[..Math.Min(setting.Value.Length, 24)].ReplaceLineEndings(" ")}"));
}
