namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>The vault's errors, in the service's own words where they are known.</summary>
internal static class KeyVaultErrors
{
    private const string Vault = $"Vault: {KeyVaultSandbox.VaultName};location=loopback";

    public static KeyVaultError NoToken() => new(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.");

    public static KeyVaultError InvalidToken() => new(401, "Unauthorized", "Error validating token: IDX10223");

    public static KeyVaultError WrongAudience(string audience) =>
        new(401, "Unauthorized", $"AKV10022: Invalid audience. Expected {AccessTokens.VaultResource}, found: {audience}.");

    public static KeyVaultError Forbidden(string principal, KeyVaultRoute route) => new(
        403,
        "Forbidden",
        "Caller is not authorized to perform action on resource.\r\n"
        + "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\n"
        + $"Caller: appid={principal};oid={principal};iss=https://sts.windows.net/{AccessTokens.Tenant}/\r\n"
        + $"Action: 'Microsoft.KeyVault/vaults/{route.Action}'\r\n"
        + $"Resource: '/subscriptions/{Guid.Empty}/resourcegroups/sandbox/providers/microsoft.keyvault/vaults/{KeyVaultSandbox.VaultName}"
        + $"{(route.Name is null ? "" : $"/secrets/{route.Name.ToLowerInvariant()}")}'\r\n"
        + $"Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\n{Vault}\r\n",
        "ForbiddenByRbac");

    /// <summary>Of a vault with access policies. Other clients have recorded the inner code <c>ForbiddenByPolicy</c> with the same words.</summary>
    public static KeyVaultError NotInAccessPolicy(string principal, KeyVaultRoute route) => new(
        403,
        "Forbidden",
        $"The user, group or application 'appid={principal};oid={principal};iss=https://sts.windows.net/{AccessTokens.Tenant}/' does not have "
        + $"secrets {route.Permission} permission on key vault '{KeyVaultSandbox.VaultName};location=loopback'. "
        + "For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
        "AccessDenied");

    /// <summary>The words of Azure Policy's refusal on the data plane are nowhere recorded; the names of the policies are theirs.</summary>
    public static KeyVaultError DisallowedByPolicy(string name, IReadOnlyList<string> policies) => new(
        403,
        "Forbidden",
        policies.Count == 0
            ? $"Operation on secret '{name}' was disallowed by policy."
            : $"Operation on secret '{name}' was disallowed by policy: {string.Join("; ", policies.Select(policy => $"'{policy}'"))}.",
        "ForbiddenByPolicy");

    public static KeyVaultError Disabled() => new(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");

    public static KeyVaultError NotFound(string id) => new(
        404,
        "SecretNotFound",
        $"A secret with (name/id) {id} was not found in this key vault. If you recently deleted this secret you may be able to recover it "
        + "using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182");

    public static KeyVaultError DeletedNotFound(string name) => new(404, "SecretNotFound", $"Deleted Secret not found: {name}");

    public static KeyVaultError Deleted(string name) => new(
        409,
        "Conflict",
        $"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be "
        + "recovered or purged.",
        "ObjectIsDeletedButRecoverable");

    public static KeyVaultError PurgeProtected() => new(
        403,
        "Forbidden",
        "Operation \"purge\" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it "
        + $"after the retention period has passed.\r\n{Vault}");

    public static KeyVaultError BadParameter(string message) => new(400, "BadParameter", message);

    public static KeyVaultError NoSuchRoute() => new(404, "NotFound", "The sandbox has no such operation.");

    public static KeyVaultError Throttled() =>
        new(429, "Throttled", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached");

    public static KeyVaultError Unavailable() => new(503, "ServiceUnavailable", "Service is temporarily unavailable. Please retry later.");
}
