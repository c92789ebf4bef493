namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>
/// What Azure Policy demands of every version that is written to the vault: the built-in policies of the mode
/// <c>Microsoft.KeyVault.Data</c> with the effect Deny. The default demands nothing.
/// </summary>
public sealed record KeyVaultPolicy
{
    /// <summary>"Key Vault secrets should have an expiration date".</summary>
    public bool ExpiryRequired { get; init; }

    /// <summary>"Secrets should have the specified maximum validity period": none, or one that is too far away, is refused.</summary>
    public int? MaximumValidityInDays { get; init; }

    /// <summary>"Secrets should have more than the specified number of days before expiration"; says nothing of those without one.</summary>
    public int? MinimumDaysBeforeExpiration { get; init; }

    /// <summary>"Secrets should have content type set".</summary>
    public bool ContentTypeRequired { get; init; }

    /// <summary>
    /// Other attributes or tags of a version are a write too, so that one which is older than the policy can't even be disabled.
    /// The default is false: Microsoft says that what exists stays as it is.
    /// </summary>
    public bool AppliesToUpdates { get; init; }

    /// <summary>The refusal says what the policy demands. The default is true; false says no more than that it was a policy.</summary>
    public bool SaysWhat { get; init; } = true;

    /// <summary>Null when the version may be written.</summary>
    internal KeyVaultError? Refuse(SecretVersion version)
    {
        var broken = Broken(version).ToList();
        return broken.Count == 0 ? null : KeyVaultErrors.DisallowedByPolicy(version.Name, SaysWhat ? broken : []);
    }

    private IEnumerable<string> Broken(SecretVersion version)
    {
        if (ExpiryRequired && version.ExpiresOn is null)
        {
            yield return "Key Vault secrets should have an expiration date";
        }

        if (MaximumValidityInDays is { } most && !(version.ExpiresOn <= version.CreatedOn.AddDays(most)))
        {
            yield return $"Secrets should have the specified maximum validity period (maximumValidityInDays: {most})";
        }

        if (MinimumDaysBeforeExpiration is { } least && version.ExpiresOn < version.UpdatedOn.AddDays(least))
        {
            yield return $"Secrets should have more than the specified number of days before expiration (minimumDaysBeforeExpiration: {least})";
        }

        if (ContentTypeRequired && string.IsNullOrEmpty(version.ContentType))
        {
            yield return "Secrets should have content type set";
        }
    }
}
