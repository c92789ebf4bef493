using System.Net.Sockets;
using Azure;
using Azure.Identity;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>What a vault's failure means to an operator: one sentence, and what to do.</summary>
internal static class OperatorFault
{
    private const string ReRun = "Nothing more was tried; run the same command again.";

    public static RotationResult Explain(VaultFault fault, Uri vault) => fault.Refusal is { } refusal
        ? new(RotationOutcome.AccessDenied, RefusalSentence.Of(refusal, fault.Doing, fault.Terms, vault))
        : Explain(Innermost(fault.Cause), fault.Doing, vault.GetLeftPart(UriPartial.Authority));

    /// <summary>A write was refused by a policy that has said enough to do it right.</summary>
    public static string Learned(VaultFault fault) => $"The vault's policy refused to {fault.Doing} {RefusalSentence.With(fault.Terms!)}: once more, as it demands.";

    /// <summary>The vault did not answer in time.</summary>
    public static bool IsTimeout(VaultFault fault) => Innermost(fault.Cause) is OperationCanceledException or TimeoutException;

    /// <summary>The same call may succeed in a moment.</summary>
    public static bool IsPassing(VaultFault fault) => Innermost(fault.Cause) is RequestFailedException { Status: 429 or >= 500 }
        or OperationCanceledException or TimeoutException or HttpRequestException or IOException
        or SocketException { SocketErrorCode: not (SocketError.HostNotFound or SocketError.NoData) };

    /// <summary>The vault, or who signs in at it, has said no: nothing was done, and nothing will be.</summary>
    public static bool IsRefusal(Exception cause) => Innermost(cause) is RequestFailedException { Status: >= 400 and < 500 and not 408 } or AuthenticationFailedException;

    /// <summary>What the SDK throws for a vault or a credential; its retries and its timeouts included.</summary>
    public static bool IsOfTheVault(Exception exception) => exception is RequestFailedException or AuthenticationFailedException or AggregateException
        or OperationCanceledException or HttpRequestException or IOException or SocketException or TimeoutException

        // The vault's challenge names another domain: the SDK's refusal to hand it a token.
        or InvalidOperationException;

    private static RotationResult Explain(Exception cause, string doing, string vault) => cause switch
    {
        CredentialUnavailableException => Denied($"There is no credential to {doing} with: run `az login`."),
        AuthenticationFailedException => Denied($"Microsoft Entra ID refused the credential to {doing} with: run `az login`."),
        RequestFailedException { Status: 401 } => Denied($"The vault {vault} does not accept the credential: run `az login`, in the vault's tenant."),
        RequestFailedException { Status: 409 } error when VaultError.InnerCode(error) == "ObjectIsDeletedButRecoverable" =>
            Failed($"Could not {doing}, because that secret is deleted: bring it back with `az keyvault secret recover --vault-name {new Uri(vault).Host.Split('.')[0]} --name {doing.Split(' ')[^1]}`, then run the same command again."),
        RequestFailedException { Status: 409 } => Failed($"Could not {doing}, because somebody changed it at the same moment. {ReRun}"),
        RequestFailedException { Status: 429 } => Failed($"The vault {vault} throttles: try again in a minute."),
        RequestFailedException { Status: >= 500 } error => Failed($"The vault {vault} failed with status {error.Status} to {doing}. {ReRun}"),
        RequestFailedException { Status: > 0 } error => Failed($"The vault {vault} answered {error.Status} ({error.ErrorCode ?? "no code"}) to the request to {doing}: check --vault."),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
            Failed($"There is no vault {vault}: check --vault, and that this machine resolves names."),
        OperationCanceledException or TimeoutException => Failed($"The vault {vault} took too long to {doing}. {ReRun}"),
        _ => Failed($"The vault {vault} can't be reached to {doing} ({cause.GetType().Name}): check --vault and the network. {ReRun}"),
    };

    /// <summary>The SDK wraps what happened to a connection, once or for each of its retries.</summary>
    public static Exception Innermost(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [.., var last] } => Innermost(last),
        RequestFailedException { Status: 0, InnerException: { } inner } => Innermost(inner),
        HttpRequestException { InnerException: { } inner } => Innermost(inner),
        _ => exception,
    };

    private static RotationResult Denied(string message) => new(RotationOutcome.AccessDenied, message);

    private static RotationResult Failed(string message) => new(RotationOutcome.Failed, message);
}
