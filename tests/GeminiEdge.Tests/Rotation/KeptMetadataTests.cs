using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using static GeminiEdge.Tests.Rotation.RotationCommands;

namespace GeminiEdge.Tests.Rotation;

/// <summary>What others wrote beside a secret's value.</summary>
public class KeptMetadataTests
{
    [Theory]
    [MemberData(nameof(RotationCommands.Names), MemberType = typeof(RotationCommands))]
    public async Task AnyCommand_SomebodyElsesTagsAndContentType_AreKeptByEveryWrite(string command)
    {
        await using var bed = await RotationBed.StartAsync();
        await PrepareAsync(bed, command);
        foreach (var name in Secrets)
        {
            var latest = bed.Vault.Latest(name);
            var tags = new Dictionary<string, string>(latest?.Tags ?? new Dictionary<string, string>()) { ["owner"] = "team-a", ["cost-center"] = name };
            bed.Vault.Set(name, latest?.Value ?? SecretValue.Empty, tags, latest?.ExpiresOn, contentType: "application/x-gemini-key");
        }

        var before = Versions(bed);
        RotationBed.AssertEnded(RotationOutcome.Done, await RunAsync(bed.Operator(), bed, command));

        var written = Written(bed, before);
        Assert.All(written, version => Assert.Equal(("team-a", version.Name, "application/x-gemini-key"), (version.Tags["owner"], version.Tags["cost-center"], version.ContentType)));
        Assert.Contains(written, version => version.Name == RotationRecord.Secret);
        Assert.Contains(written, version => version.Name != RotationRecord.Secret);

        // Ours are this command's alone.
        Assert.All(written.Where(version => version.Tags.GetValueOrDefault("state") == "promoted"), version => Assert.DoesNotContain("promoted-from", version.Tags));
    }

    [Fact]
    public async Task Set_SlotThatWasDisabledByHand_KeepsWhatOthersWroteThere()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Secondary, tags: new() { ["owner"] = "team-a", ["state"] = "rolled-back" });
        bed.Vault.SetEnabled(KeySlot.Secondary.Secret(), false);

        RotationBed.AssertEnded(RotationOutcome.Done, await SetAsync(bed, bed.Operator()));

        var tags = bed.Vault.Latest(KeySlot.Secondary.Secret())!.Tags;
        Assert.Equal(("team-a", "set"), (tags["owner"], tags["state"]));
    }

    [Fact]
    public async Task AnyCommand_MoreTagsThanTheVaultTakesWithOurs_KeepsThoseThatFit()
    {
        await using var bed = await RotationBed.StartAsync();
        var many = Enumerable.Range(10, 15).ToDictionary(number => $"tag-{number}", number => "x");
        foreach (var name in new[] { KeySlot.Primary.Secret(), KeySlot.Secondary.Secret() })
        {
            bed.Vault.Set(name, bed.Key(), many);
        }

        bed.Vault.Set(RotationRecord.Secret, "by hand", many);
        RotationBed.AssertEnded(RotationOutcome.Done, await RunAsync(bed.Operator(), bed, "promote"));
        RotationBed.AssertEnded(RotationOutcome.Done, await RunAsync(bed.Operator(), bed, "rollback"));

        Assert.Equal(15, bed.Vault.Latest(KeySlot.Primary.Secret())!.Tags.Count);
        Assert.Equal("rolled-back", bed.StateTag(KeySlot.Secondary));
    }
}
