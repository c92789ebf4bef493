using Azure;
using Azure.Identity;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Fleet;

/// <summary>What a failure of the fleet register means to an operator: a sentence that holds nothing of any answer.</summary>
internal static class RegisterFault
{
    public static RotationResult Explain(Exception exception, Uri endpoint)
    {
        var where = $"The fleet register at {endpoint.Scheme}://{endpoint.Authority}";
        return exception switch
        {
            AggregateException { InnerExceptions: [.., var last] } => Explain(last, endpoint),
            RequestFailedException { Status: 401 or 403 } => Denied($"{where} does not let you in: you lack the role Storage Table Data Contributor (Reader to look only) on the table, or the storage account's firewall keeps you out."),
            RequestFailedException { Status: > 0 } e => Failed($"{where} answers {e.Status}: try again, or check --fleet."),
            CredentialUnavailableException => Denied($"There is no credential to read {where[4..]} with: run `az login`."),
            AuthenticationFailedException => Denied($"Microsoft Entra ID refused the credential for {where[4..]}: run `az login`."),
            OperationCanceledException or TimeoutException => Failed($"{where} took too long: try again."),
            _ => Failed($"{where} can't be reached: check --fleet and the network."),
        };
    }

    private static RotationResult Denied(string message) => new(RotationOutcome.AccessDenied, message);

    private static RotationResult Failed(string message) => new(RotationOutcome.Failed, message);
}
