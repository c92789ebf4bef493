using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// What the address of an upload carries when it is handed out: the key that began it, until when it holds, and a signature
/// by that key. Clients send an upload's bytes without a credential; this lets in that upload and nothing else, on any
/// instance that has the key.
/// </summary>
internal sealed class UploadTicket
{
    /// <summary>How long an address holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private const string SignatureMark = "&" + CredentialQuery.SignatureParameter + "=";
    private readonly string _signed;
    private readonly string _signature;
    private readonly long _expires;

    private UploadTicket(string keyId, string signed, string signature, long expires) =>
        (KeyId, _signed, _signature, _expires) = (keyId, signed, signature, expires);

    /// <summary>The last four characters of the key that began the upload.</summary>
    public string KeyId { get; }

    /// <summary>It claims to be signed.</summary>
    public bool IsSigned => _signature.Length > 0;

    /// <summary>Path and query of an upload, as they are handed out.</summary>
    public static string Issue(string path, string query, ApiKey key, DateTimeOffset expires)
    {
        var kept = CredentialQuery.Strip(query);
        var signed = string.Create(CultureInfo.InvariantCulture,
            $"{path}{(kept.Length < 2 ? "?" : kept + "&")}{CredentialQuery.KeyIdParameter}={Uri.EscapeDataString(key.Id)}&{CredentialQuery.ExpiryParameter}={expires.ToUnixTimeSeconds()}");
        return signed + SignatureMark + Sign(signed, key);
    }

    /// <summary>What a request's address carries; null when it names no key.</summary>
    public static UploadTicket? Read(string path, string query)
    {
        if (CredentialQuery.Value(query, CredentialQuery.KeyIdParameter) is not { } keyId)
        {
            return null;
        }

        // A credential that a client adds of itself is no part of what was handed out; whatever else it adds breaks the signature.
        var presented = path + CredentialQuery.StripCredentials(query);
        var mark = presented.LastIndexOf(SignatureMark, StringComparison.Ordinal);
        _ = long.TryParse(CredentialQuery.Value(query, CredentialQuery.ExpiryParameter), NumberStyles.None, CultureInfo.InvariantCulture, out var expires);
        return mark < 0
            ? new UploadTicket(keyId, presented, "", expires)
            : new UploadTicket(keyId, presented[..mark], presented[(mark + SignatureMark.Length)..], expires);
    }

    /// <summary>Its time is over.</summary>
    public bool HasExpired(DateTimeOffset now) => _expires <= now.ToUnixTimeSeconds();

    /// <summary>A key of the ring has signed it.</summary>
    public bool IsSignedBy(KeyRing ring) => Signer(ring) is not null;

    /// <summary>The key meant: of several with the same last characters the one that signed.</summary>
    public RingKey? KeyIn(KeyRing ring) => Signer(ring) ?? ring.FindById(KeyId);

    /// <summary>Until when the next address of this upload holds: as long as this one, if this one does.</summary>
    public DateTimeOffset NextExpiry(ApiKey key, DateTimeOffset now) =>
        IsSigned && !HasExpired(now) && IsBy(key) ? DateTimeOffset.FromUnixTimeSeconds(_expires) : now + Lifetime;

    private RingKey? Signer(KeyRing ring) => IsSigned ? ring.Keys.FirstOrDefault(key => key.Id == KeyId && IsBy(key.Key)) : null;

    private bool IsBy(ApiKey key) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(_signed, key)), Encoding.UTF8.GetBytes(_signature));

    // Compared as text: of what is decoded, some bits of the last character would not count.
    private static string Sign(string text, ApiKey key) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.Reveal()), Encoding.UTF8.GetBytes(text)));
}
