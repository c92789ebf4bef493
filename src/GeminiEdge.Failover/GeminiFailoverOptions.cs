using Azure.Core;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Failover;

/// <summary>Where the keys come from (exactly one of <see cref="Keys"/>, <see cref="Configuration"/> and <see cref="VaultUri"/>) and how requests are sent.</summary>
public sealed class GeminiFailoverOptions
{
    /// <summary>The keys themselves, the first one first; at most nine, each at least 16 characters. The default is none.</summary>
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>
    /// Settings of an edge: <c>GEMINI_API_KEY_PRIMARY</c>, <c>_SECONDARY</c>, <c>_3</c>…<c>_9</c>, <c>_OLD</c>, or a live vault by
    /// <c>GEMINI_KEYVAULT_URI</c>; with <c>GEMINI_BASE_URL</c>, <c>GEMINI_MODEL</c> and <c>GeminiEdge__*</c>, which then count instead of
    /// the properties below. The default is none.
    /// </summary>
    public IConfiguration? Configuration { get; set; }

    /// <summary>A key vault whose secrets <c>GEMINI-API-KEY-PRIMARY</c>, <c>…-SECONDARY</c>, … are read while requests come. The default is none.</summary>
    public Uri? VaultUri { get; set; }

    /// <summary>Who reads the vault. The default is the managed identity in Azure, elsewhere whoever is signed in.</summary>
    public TokenCredential? Credential { get; set; }

    /// <summary>The Gemini API: https, or http on this machine alone. The default is <c>https://generativelanguage.googleapis.com</c>.</summary>
    public Uri BaseUrl { get; set; } = new("https://generativelanguage.googleapis.com");

    /// <summary>The model of calls that name none. The default is <c>gemini-flash-latest</c>.</summary>
    public string Model { get; set; } = "gemini-flash-latest";

    /// <summary>How often the vault is read; a rotation arrives within 1.3 times this. The default is 30 seconds.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>From a request's last byte to the answer's first, all attempts together. The default is 200 seconds.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(200);

    /// <summary>
    /// How long a request that no key can serve now waits for one, or for an overload to pass, before it fails; zero for not at all.
    /// The default is 10 seconds.
    /// </summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer may be silent after its first byte. Models think for minutes. The default is 200 seconds.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(200);

    /// <summary>
    /// The status that the handler answers when every key has failed and waiting helps: 502, or 429 for SDKs that wait and repeat at
    /// nothing else. Where only an operator can help it is 502. The default is 502.
    /// </summary>
    public int ExhaustedStatus { get; set; } = 502;
}
