using System.Globalization;

namespace GeminiEdge.Rotation;

/// <summary>A vault's no, for an operator: who said it, where, and what to do.</summary>
internal static class RefusalSentence
{
    private const string Options = "--max-age 90d, or with --expires DATE";

    /// <param name="terms">What a write was to be written with; null of a read.</param>
    public static string Of(VaultRefusal refusal, string doing, SecretTerms? terms, Uri vault)
    {
        var at = vault.GetLeftPart(UriPartial.Authority);
        return refusal.Kind switch
        {
            RefusalKind.Firewall => $"The firewall of {at} does not let you {doing}: add your address or come from an allowed network.",
            RefusalKind.Connection => $"The vault {at} lets nobody {doing} over the public network: come through its private endpoint.",
            RefusalKind.Role => $"You may not {doing}: you lack the role Key Vault Secrets Officer on {at}, or got it minutes ago and it is not known everywhere yet.",
            RefusalKind.Policy when terms is not null => $"A policy of {at} refuses to {doing} {With(terms)}{Quote(refusal)}. {WhatToDo(refusal, terms)}",
            RefusalKind.Unsaid when terms is not null => $"The vault {at} refuses to {doing} {With(terms)} and does not say why (403 Forbidden{Quote(refusal)}). "
                + $"Either a policy demands an expiry of every secret: then run the same command again with {Options}. Or its access policy does not let you: {Grant(vault)}.",
            _ => $"You may not {doing}: the vault {at} goes by access policies, and none gives you the secret permission {refusal.Permission ?? Permission(doing)}: {Grant(vault)}.",
        };
    }

    public static string With(SecretTerms terms) => terms.ExpiresOn is { } day ? $"with the expiry {Day(day)}" : "without an expiry";

    private static string WhatToDo(VaultRefusal refusal, SecretTerms terms) => (refusal, terms.ExpiresOn) switch
    {
        ({ IsAboutExpiry: false, IsAboutContentType: true }, _) =>
            "Give the secret the content type that it wants with `az keyvault secret set-attributes --content-type`: edgectl keeps it from then on.",
        (_, null) => $"Run the same command again with {Options}: then all that it writes expires as the policy demands.",
        ({ AtMost: { } most }, _) => $"Run the same command again with --max-age {Days(most)}, or with an --expires that is no later.",
        ({ AtLeast: { } least }, _) => $"Run the same command again with a --max-age of more than {Days(least)}, or with an --expires that is later.",
        _ => "Run the same command again with an --expires or a --max-age that the policy allows.",
    };

    private static string Grant(Uri vault) =>
        $"have whoever manages it run `az keyvault set-policy --name {vault.Host.Split('.')[0]} --object-id YOURS --secret-permissions get list set`";

    private static string Permission(string doing) => doing.Split(' ')[0] switch
    {
        "read" => "get",
        "list" => "list",
        _ => "set",
    };

    private static string Quote(VaultRefusal refusal) => refusal.Text.Length == 0 ? "" : $": \"{refusal.Text}\"";

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Days(TimeSpan span) => span.TotalDays % 1 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0}d")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0}h");
}
