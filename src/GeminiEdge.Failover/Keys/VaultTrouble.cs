using Azure;
using Azure.Identity;

namespace GeminiEdge.Failover.Keys;

/// <summary>Why the key vault could not be read, and what to do: a sentence that holds nothing of any answer.</summary>
/// <param name="Reason">A word for alerts: <c>denied</c>, <c>firewall</c>, <c>identity</c>, <c>throttled</c>, <c>timeout</c>, <c>unreachable</c> or <c>failing</c>.</param>
/// <param name="Sentence">What, where, what to do.</param>
/// <param name="Status">The HTTP status, if there was an answer.</param>
internal sealed record VaultTrouble(string Reason, string Sentence, int? Status = null)
{
    public static VaultTrouble Of(Exception exception, Uri vault, string secret)
    {
        var where = $"{vault.Scheme}://{vault.Authority}";
        return exception switch
        {
            RequestFailedException { Status: 403 } e when VaultError.InnerCode(e) is "ForbiddenByFirewall" or "ForbiddenByConnection" => new(
                "firewall", $"The firewall of {where} refuses this app's address: allow the app's network, or connect it by a private endpoint.", 403),
            RequestFailedException { Status: 401 or 403 } e => new(
                "denied", $"{where} does not let this app read the secret {secret}: give its identity the role Key Vault Secrets User on the vault. A role given just now can take ten minutes.", e.Status),
            RequestFailedException { Status: 429 } => new(
                "throttled", $"{where} throttles: too many reads in a short time; a longer GeminiEdge__RefreshInterval asks less often.", 429),
            RequestFailedException { Status: >= 400 } e => new("failing", $"{where} answers {e.Status} to a read of the secret {secret}.", e.Status),
            AuthenticationFailedException => new(
                "identity", $"The app got no token for {where}: switch its managed identity on, and set AZURE_CLIENT_ID if it is a user-assigned one."),
            OperationCanceledException => new("timeout", $"{where} did not answer in {VaultKeySource.Patience.TotalSeconds:0} s."),
            _ => new("unreachable", $"{where} can't be reached: check GEMINI_KEYVAULT_URI, and the network between the app and the vault."),
        };
    }
}
