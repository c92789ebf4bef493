namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>How an endpoint fails.</summary>
public sealed class KeyVaultFault
{
    private KeyVaultFault(KeyVaultFaultKind kind) => Kind = kind;

    /// <summary>It works.</summary>
    public static KeyVaultFault None { get; } = new(KeyVaultFaultKind.None);

    /// <summary>
    /// Connections are reset: as <see cref="KeyVaultSandbox.Fault"/> every open one and every new one before its TLS handshake, for a
    /// single request its own.
    /// </summary>
    public static KeyVaultFault Outage { get; } = new(KeyVaultFaultKind.Outage);

    /// <summary>503 ServiceUnavailable.</summary>
    public static KeyVaultFault Unavailable503 { get; } = new(KeyVaultFaultKind.Unavailable);

    /// <summary>429 Throttled, with a Retry-After of one second.</summary>
    public static KeyVaultFault Throttled429 { get; } = ThrottledFor(TimeSpan.FromSeconds(1));

    /// <summary>403 as if the caller had no role; a caller without a valid token still gets 401.</summary>
    public static KeyVaultFault Forbidden403 { get; } = new(KeyVaultFaultKind.Forbidden);

    internal KeyVaultFaultKind Kind { get; }

    /// <summary>Null sends no Retry-After.</summary>
    internal TimeSpan? RetryAfter { get; private init; }

    internal TimeSpan Delay { get; private init; }

    internal Task? Release { get; private init; }

    /// <summary>429 Throttled with a Retry-After in whole seconds, or without one.</summary>
    public static KeyVaultFault ThrottledFor(TimeSpan? retryAfter) => new(KeyVaultFaultKind.Throttled) { RetryAfter = retryAfter };

    /// <summary>It works, after a wait on the sandbox's clock.</summary>
    public static KeyVaultFault SlowBy(TimeSpan delay) => new(KeyVaultFaultKind.Slow) { Delay = delay };

    /// <summary>It works, once the task has ended in any way.</summary>
    public static KeyVaultFault HeldUntil(Task released) => new(KeyVaultFaultKind.Slow) { Release = released };

    /// <inheritdoc/>
    public override string ToString() => Kind.ToString();
}
