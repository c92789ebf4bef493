using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Rotation;

/// <summary>The commands that write, each in a vault where it has something to do, and what they wrote.</summary>
internal static class RotationCommands
{
    public static TheoryData<string> Names => ["promote", "rollback", "set", "purge", "leak"];

    public static readonly string[] Secrets = [.. KeySlots.All.Select(slot => slot.Secret()), LeakedKeys.Secret, RotationRecord.Secret];

    public static async Task<HashSet<string>> PrepareAsync(RotationBed bed, string command)
    {
        if (command is "rollback" or "purge")
        {
            await bed.PromoteAsync();
        }
        else
        {
            bed.Put(KeySlot.Primary);
            bed.Put(KeySlot.Secondary);
        }

        bed.Time.Advance(command == "purge" ? TimeSpan.FromHours(25) : TimeSpan.Zero);
        return Versions(bed);
    }

    public static Task<RotationResult> RunAsync(Rotator rotator, RotationBed bed, string command) => command switch
    {
        "promote" => rotator.PromoteAsync(KeySlot.Primary, replaceOld: false, default),
        "rollback" => rotator.RollbackAsync(default),
        "purge" => rotator.PurgeAsync(default),
        "leak" => rotator.LeakAsync(KeySlot.Primary, null, null, default),
        _ => SetAsync(bed, rotator),
    };

    public static Task<RotationResult> SetAsync(RotationBed bed, Rotator rotator) => rotator.SetAsync(KeySlot.Secondary, ApiKey.Create(bed.Key()).Key!, default);

    /// <summary>A slot's key that is kept for a day.</summary>
    public static bool IsOld(SecretVersion version) => version.Name == KeySlot.Old.Secret() && version.Value != SecretValue.Empty;

    public static HashSet<string> Versions(RotationBed bed) => [.. Secrets.SelectMany(bed.Vault.Versions).Select(version => version.Version)];

    public static List<SecretVersion> Written(RotationBed bed, HashSet<string> before) =>
        [.. Secrets.SelectMany(bed.Vault.Versions).Where(version => !before.Contains(version.Version))];
}
