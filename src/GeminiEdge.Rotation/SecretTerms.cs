using System.Collections.Immutable;

namespace GeminiEdge.Rotation;

/// <summary>What a version of a secret is written with, beside its value.</summary>
/// <param name="Tags">Ours, and those that somebody else gave to the version before.</param>
internal sealed record SecretTerms(ImmutableDictionary<string, string> Tags)
{
    public static readonly SecretTerms None = new(ImmutableDictionary<string, string>.Empty);

    public DateTimeOffset? ExpiresOn { get; init; }

    public string? ContentType { get; init; }
}
