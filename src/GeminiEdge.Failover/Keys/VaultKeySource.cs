using System.Collections.Frozen;
using Azure;
using Azure.Security.KeyVault.Secrets;

namespace GeminiEdge.Failover.Keys;

/// <summary>Reads the slots' secrets and the list of leaked keys from Key Vault, side by side.</summary>
internal sealed class VaultKeySource(SecretClient client, TimeProvider time)
{
    /// <summary>How long all the reads of a refresh may take together.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The newest version of each of these slots' secrets, and the leaked list. Never throws: trouble is a reading too.</summary>
    public async Task<VaultReading> ReadAsync(IReadOnlyCollection<KeySlot> slots)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        var leaked = ReadAsync(LeakedKeys.Secret, patience.Token);
        var readings = slots.Select(slot => (Slot: slot, Reading: ReadAsync(slot.Secret(), patience.Token))).ToList();
        await Task.WhenAll([leaked, .. readings.Select(reading => reading.Reading)]);
        return new VaultReading(readings.ToFrozenDictionary(reading => reading.Slot, reading => reading.Reading.Result), await leaked);
    }

    private async Task<SecretReading> ReadAsync(string secret, CancellationToken cancellationToken)
    {
        try
        {
            var answer = (await client.GetSecretAsync(secret, cancellationToken: cancellationToken)).Value;
            return new SecretReading(answer.Value, answer.Properties.Version, answer.Properties.ExpiresOn, CreatedOn: answer.Properties.CreatedOn);
        }
        catch (RequestFailedException e) when (e is { Status: 404, ErrorCode: "SecretNotFound" })
        {
            return SecretReading.Missing;
        }
        catch (RequestFailedException e) when (e.Status == 403 && VaultError.InnerCode(e) == VaultError.SecretDisabled)
        {
            return SecretReading.Disabled;
        }
#pragma warning disable CA1031 // The boundary to the SDK: a refresh that throws would be a refresh that nobody hears of.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new SecretReading(null, Trouble: VaultTrouble.Of(e, client.VaultUri, secret));
        }
    }
}
