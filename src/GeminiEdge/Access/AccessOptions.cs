using GeminiEdge.Failover.Settings;

namespace GeminiEdge.Access;

/// <summary>Who gets in.</summary>
internal sealed record AccessOptions
{
    /// <summary>The Functions host stands before the app, and has checked the function key of <c>/api</c>.</summary>
    public required bool OnHost { get; init; }

    /// <summary>A developer's own run, <c>func start</c> included: off the host, where no keys are set, callers on this machine need none. Nothing that a request carries decides that.</summary>
    public bool InDevelopment { get; init; }

    /// <summary>Nobody gets in, whatever is presented.</summary>
    public bool RefusesEveryone => !OnHost && !InDevelopment && ClientKeys.IsEmpty;

    public PresentedKeys ClientKeys { get; init; } = PresentedKeys.None;

    public PresentedKeys AdminKeys { get; init; } = PresentedKeys.None;

    public static AccessOptions Read(SettingReader settings, bool onHost, bool inDevelopment) => new()
    {
        OnHost = onHost,
        InDevelopment = inDevelopment || (onHost && settings.Text("AZURE_FUNCTIONS_ENVIRONMENT") == "Development"),
        ClientKeys = Keys(settings, "GEMINI_EDGE_CLIENT_KEYS"),
        AdminKeys = Keys(settings, "GEMINI_EDGE_ADMIN_KEYS"),
    };

    private static PresentedKeys Keys(SettingReader settings, string name)
    {
        var (keys, refusal) = PresentedKeys.Parse(settings.Text(name) ?? "");
        if (refusal is not null)
        {
            settings.Refuse($"The setting {name} {refusal}.");
        }

        return keys;
    }
}
