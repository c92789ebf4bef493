using Azure;
using Azure.Identity;

namespace GeminiEdge.Fleet;

/// <summary>Why the fleet register can't be written, and what to do: a sentence that holds nothing of any answer.</summary>
/// <param name="Reason">A word for alerts: <c>denied</c>, <c>identity</c>, <c>timeout</c>, <c>failing</c> or <c>unreachable</c>.</param>
/// <param name="Sentence">What, where, what to do.</param>
/// <param name="Status">The HTTP status, if there was an answer.</param>
internal sealed record FleetTrouble(string Reason, string Sentence, int? Status = null)
{
    public static FleetTrouble OfStatus(int status, Uri endpoint) => status is 401 or 403
        ? new("denied", $"{Where(endpoint)} does not let this app write its row: give its identity the role Storage Table Data Contributor on the table, and let the storage account's firewall pass it. A role given just now can take ten minutes.", status)
        : new("failing", $"{Where(endpoint)} answers {status} to a write of this instance's row.", status);

    public static FleetTrouble OfRead(int status, Uri endpoint) => new(
        status is 401 or 403 ? "denied" : "failing",
        $"{Where(endpoint)} answers {status} to a read of the fleet's rows{(status is 401 or 403 ? ": give the app's identity the role Storage Table Data Contributor on the table" : "")}.", status);

    public static FleetTrouble Of(Exception exception, Uri endpoint) => exception switch
    {
        RequestFailedException { Status: >= 400 } e => OfStatus(e.Status, endpoint),
        AuthenticationFailedException => new(
            "identity", $"The app got no token for {Where(endpoint)}: switch its managed identity on, and set AZURE_CLIENT_ID if it is a user-assigned one."),
        OperationCanceledException => new("timeout", $"{Where(endpoint)} did not answer in {FleetTable.Patience.TotalSeconds:0} s."),
        _ => new("unreachable", $"{Where(endpoint)} can't be reached: check GEMINI_EDGE_FLEET, and the network between the app and the storage account."),
    };

    private static string Where(Uri endpoint) => $"{endpoint.Scheme}://{endpoint.Authority}";
}
