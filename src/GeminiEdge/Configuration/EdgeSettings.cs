using System.Collections.Immutable;
using GeminiEdge.Access;
using GeminiEdge.Fleet;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Configuration;

/// <summary>Everything that is read once at start, except the keys of the upstream.</summary>
internal sealed record EdgeSettings
{
    private const string DefaultBaseUrl = "https://generativelanguage.googleapis.com";

    public required Hosting Hosting { get; init; }

    public required EdgeOptions Options { get; init; }

    /// <summary>The upstream, without a slash at the end.</summary>
    public required string BaseUrl { get; init; }

    public required string DefaultModel { get; init; }

    /// <summary>The edge's public origin, if configured, without a slash at the end.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>The key vault that holds the keys, if there is one.</summary>
    public Uri? VaultUri { get; init; }

    /// <summary>The fleet register, and this instance's place in it; null switches it off.</summary>
    public FleetSettings? Fleet { get; init; }

    /// <summary>The user-assigned managed identity for both; null for the system-assigned one.</summary>
    public string? ClientId { get; init; }

    public required PresentedKeys ClientKeys { get; init; }

    public required PresentedKeys AdminKeys { get; init; }

    /// <summary>What makes the configuration unusable; while there is any, every request is answered 503.</summary>
    public required ImmutableArray<string> Problems { get; init; }

    /// <summary>The Functions host stands before the app, and has checked the function key of <c>/api</c>.</summary>
    public bool OnHost => Hosting != Hosting.Standalone;

    public static EdgeSettings Read(IConfiguration configuration, Hosting hosting)
    {
        var (options, optionProblems) = EdgeOptionsReader.Read(configuration);
        var problems = optionProblems.ToBuilder();
        var baseUrl = Setting("GEMINI_BASE_URL") ?? DefaultBaseUrl;
        if (!IsOrigin(baseUrl, httpsOrLoopback: true))
        {
            problems.Add("The setting GEMINI_BASE_URL is an https:// address without query (http:// for this machine alone): a key sent over plain http could be read on the way.");
        }

        var model = Setting("GEMINI_MODEL") ?? "gemini-flash-latest";
        if (!ModelName.IsValid(model))
        {
            problems.Add("The setting GEMINI_MODEL is the name of a model: letters, digits, dots, dashes and underscores, at most 128 of them.");
        }

        var publicUrl = Setting("GEMINI_EDGE_PUBLIC_URL");
        if (publicUrl is not null && !IsOrigin(publicUrl, httpsOrLoopback: false))
        {
            problems.Add("The setting GEMINI_EDGE_PUBLIC_URL is the http(s):// address under which clients reach the edge, without query.");
        }

        var vaultUri = Setting("GEMINI_KEYVAULT_URI");
        if (vaultUri is not null && !(IsOrigin(vaultUri, httpsOrLoopback: false) && new Uri(vaultUri) is { Scheme: "https", AbsolutePath: "/" }))
        {
            problems.Add("The setting GEMINI_KEYVAULT_URI is the address of a key vault, as https://my-vault.vault.azure.net/.");
            vaultUri = null;
        }

        var fleet = Setting("GEMINI_EDGE_FLEET");
        if (fleet is not null && !IsOrigin(fleet, httpsOrLoopback: true))
        {
            problems.Add("The setting GEMINI_EDGE_FLEET is the https:// address of a storage account's tables (http:// for this machine alone), as https://my-account.table.core.windows.net/.");
            fleet = null;
        }

        return new EdgeSettings
        {
            Hosting = hosting,
            Options = options,
            BaseUrl = baseUrl.TrimEnd('/'),
            DefaultModel = ModelName.WithoutPrefix(model),
            PublicUrl = publicUrl?.TrimEnd('/'),
            VaultUri = vaultUri is null ? null : new Uri(vaultUri),
            Fleet = fleet is null ? null : FleetSettings.Read(new Uri(fleet), Setting),
            ClientId = Setting("AZURE_CLIENT_ID"),
            ClientKeys = Keys("GEMINI_EDGE_CLIENT_KEYS"),
            AdminKeys = Keys("GEMINI_EDGE_ADMIN_KEYS"),
            Problems = problems.ToImmutable(),
        };

        string? Setting(string name) => configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

        PresentedKeys Keys(string name)
        {
            var (keys, refusal) = PresentedKeys.Parse(Setting(name) ?? "");
            if (refusal is not null)
            {
                problems.Add($"The setting {name} {refusal}.");
            }

            return keys;
        }
    }

    private static bool IsOrigin(string text, bool httpsOrLoopback) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (!httpsOrLoopback || uri.IsLoopback)))
        && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;
}
