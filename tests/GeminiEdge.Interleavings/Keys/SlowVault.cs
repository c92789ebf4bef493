using System.Globalization;
using Azure;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Interleavings.Scheduling;

namespace GeminiEdge.Interleavings.Keys;

/// <summary>A vault that answers with what it held when it was asked, some time later; or with an error, or not at all.</summary>
internal sealed class SlowVault(Schedule schedule) : SecretClient
{
    private int _reading;

    /// <summary>The newest version of PRIMARY; the other slots are empty.</summary>
    public int Written { get; set; } = 1;

    /// <summary>Which reads of PRIMARY fail, counted from 0.</summary>
    public HashSet<int> Failing { get; } = [];

    /// <summary>Which reads of PRIMARY are never answered.</summary>
    public HashSet<int> Silent { get; } = [];

    public int Reads { get; private set; }

    /// <summary>How many were reading at the same time, at most.</summary>
    public int MostAtOnce { get; private set; }

    public override Uri VaultUri { get; } = new("https://a-vault.vault.azure.net/");

    public override async Task<Response<KeyVaultSecret>> GetSecretAsync(string name, string version, SecretContentType? outContentType, CancellationToken cancellationToken)
    {
        if (name != KeySlot.Primary.Secret())
        {
            return Secret(name, name == LeakedKeys.Secret ? "" : SecretValue.Empty, 0);
        }

        // Whoever reads takes an exception for the vault's trouble: it is told in the end.
        MostAtOnce = Math.Max(MostAtOnce, ++_reading);
        var (number, held) = (Reads++, Written);
        try
        {
            await Task.Yield();
            if (Silent.Contains(number))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, schedule.Time, cancellationToken);
            }

            return Failing.Contains(number) ? throw new RequestFailedException(503, "It is away.") : Secret(name, SomeKeys.Named($"version-{held}").Reveal(), held);
        }
        finally
        {
            _reading--;
        }
    }

    private static Response<KeyVaultSecret> Secret(string name, string value, int version) => Response.FromValue(
        SecretModelFactory.KeyVaultSecret(SecretModelFactory.SecretProperties(name: name, version: version.ToString(CultureInfo.InvariantCulture)), value), null!);
}
