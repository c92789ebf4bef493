using GeminiEdge.Access;
using GeminiEdge.Configuration;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Settings;

namespace GeminiEdge.Server;

/// <summary>What whoever starts the edge by hand is told first: what is true of this start, and what to do next. It holds no value of a setting but addresses.</summary>
internal sealed class Banner(WebApplication app, bool hasSandbox)
{
    private readonly EdgeConfiguration _configuration = app.Services.GetRequiredService<EdgeConfiguration>();
    private readonly KeyRing _ring = app.Services.GetRequiredService<KeyRingProvider>().Current;
    private readonly StartKeys _start = app.Services.GetRequiredService<StartKeys>();
    private readonly KeyMask _mask = app.Services.GetRequiredService<KeyMask>();
    private readonly string _url = app.Urls.First().TrimEnd('/');

    public string Text => string.Join('\n',
        ["", $"GeminiEdge listens on {_url}", .. app.Urls.Skip(1).Select(url => $"and on {url.TrimEnd('/')}"), .. Problems, .. Keys, Callers, .. Trial, "", Page, "",
            "Stop it with Ctrl-C (again: at once). Each attempt is one line of JSON below.", ""]);

    private AccessOptions Access => _configuration.Access;

    private bool HasVault => _configuration.Keys.VaultUri is not null;

    private string Upstream => _configuration.Forwarding.BaseUrl == new ForwardingOptions().BaseUrl ? "Gemini" : _configuration.Forwarding.BaseUrl;

    private string RingInWords => string.Join(", ", _ring.Keys.Select(key => $"{key.Slot.Name()} …{key.Id}"));

    private bool IsValid => _configuration.Problems.IsEmpty;

    private string Come => IsValid ? "come" : "then come";

    private IEnumerable<string> Problems => IsValid ? [] :
    [
        "The settings are not valid. Until they are, requests are answered 503 invalid_configuration:",
        .. _configuration.Problems.Select(problem => $"  - {_mask.Clean(SettingReader.WithoutValue(problem))}"),
    ];

    private IEnumerable<string> Keys => [KeySource, .. _start().Warnings.Select(warning => $"  - {_mask.Clean(warning)}"), .. Advice];

    private string KeySource => this switch
    {
        _ when hasSandbox => $"No key is set: answers {Come} from the built-in sandbox.{(_configuration.HasStrayKey ? "" : " Set GEMINI_API_KEY_PRIMARY to talk to Gemini.")}",
        { HasVault: true } => $"Answers {Come} from {Upstream}, with the keys of {_configuration.Keys.VaultUri}; a line below says so if they can't be read."
            + (_ring.Keys.IsEmpty ? "" : $" Until they are: {RingInWords}."),
        { _ring.Keys.IsEmpty: false } => $"Answers {Come} from {Upstream}, with {RingInWords}.",
        { IsValid: true } => "No usable key: requests are answered 503 no_keys_configured.",
        _ => "No usable key either.",
    };

    private IEnumerable<string> Advice =>
        _configuration.HasStrayKey && (hasSandbox || HasNoKey) ? [EdgeConfiguration.StrayKey]
        : IsValid && HasNoKey ? ["Set GEMINI_API_KEY_PRIMARY, or GEMINI_KEYVAULT_URI."]
        : [];

    private bool HasNoKey => _ring.Keys.IsEmpty && !HasVault;

    private string Callers =>
        !Access.ClientKeys.IsEmpty ? "Callers need one of the keys of GEMINI_EDGE_CLIENT_KEYS."
        : Access.InDevelopment ? "Programs on this machine need no key, because this is a run in Development; nobody else gets in."
        : "Nobody gets in: set GEMINI_EDGE_CLIENT_KEYS, the keys that callers present.";

    /// <summary>Something to try, where it would be answered.</summary>
    private IEnumerable<string> Trial => !IsValid || HasNoKey || Access.RefusesEveryone ? [] :
    [
        "Try it:",
        "",
        $"  curl {_url}/api/generate{(Access.ClientKeys.IsEmpty ? "" : " -H \"x-goog-api-key: $YOUR_CLIENT_KEY\"")} -H \"content-type: application/json\" -d '{{\"prompt\":\"Say hello\"}}'",
    ];

    private string Page => $"Watch it on {_url}/api/status" + (
        !Access.AdminKeys.IsEmpty ? ", with one of the keys of GEMINI_EDGE_ADMIN_KEYS"
        : Access.InDevelopment ? ""
        : ", once GEMINI_EDGE_ADMIN_KEYS is set");
}
