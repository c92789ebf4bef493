using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Identity;

namespace GeminiEdge.Cli.Leak;

/// <summary>
/// Asks Azure to read an app's Key Vault references again: settings hold a key until then, and an edge that starts
/// while the vault is away begins with its settings.
/// </summary>
internal static partial class ReferenceRefresh
{
    private const string Action = "/config/configreferences/appsettings/refresh";
    private const string Version = "api-version=2022-03-01";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static bool IsSite(string id) => Site().IsMatch(id);

    /// <returns>What came of it, or the command that does it.</returns>
    public static async Task<string> RunAsync(string? site, TokenCredential credential, Uri management, TimeProvider time, CancellationToken cancellationToken)
    {
        if (site is null)
        {
            return $"No --site is named. If the app's settings hold Key Vault references, have Azure read them again, with the app's resource id as SITE: {Command("SITE")}";
        }

        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string why;
        try
        {
            var token = await credential.GetTokenAsync(new TokenRequestContext(["https://management.azure.com/.default"]), either.Token);
            using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(management, $"{site}{Action}?{Version}"))
            {
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token.Token) },
            };
            using var response = await http.SendAsync(request, either.Token);
            if (response.IsSuccessStatusCode)
            {
                return "Azure reads the app's Key Vault references again.";
            }

            why = $"status {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or AuthenticationFailedException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            why = e.GetType().Name;
        }

        return $"Azure did not refresh the Key Vault references ({why}): {Command(site)}";
    }

    // `az` takes a resource id for an address, and its command line has words that fit a terminal.
    private static string Command(string site) => $"az rest --method post --url {site}{Action} --url-parameters {Version}";

    [GeneratedRegex("^/subscriptions/[A-Za-z0-9-]{1,64}/resourceGroups/[A-Za-z0-9_.()-]{1,90}/providers/Microsoft\\.Web/sites/[A-Za-z0-9-]{1,60}(/slots/[A-Za-z0-9-]{1,60})?$", RegexOptions.IgnoreCase)]
    private static partial Regex Site();
}
