using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

public class KeySlotTests
{
    private static readonly string[] Names = ["PRIMARY", "SECONDARY", "3", "4", "5", "6", "7", "8", "9", "OLD"];

    [Fact]
    public void All_InRingOrder_HaveTheNamesOfSettingsAndSecrets()
    {
        Assert.Equal(Names, KeySlots.All.Select(slot => slot.Name()));
        Assert.Equal(Names.Select(name => $"GEMINI_API_KEY_{name}"), KeySlots.All.Select(slot => slot.Setting()));
        Assert.Equal(Names.Select(name => $"GEMINI-API-KEY-{name}"), KeySlots.All.Select(slot => slot.Secret()));
    }

    [Fact]
    public void Parse_ANameInAnyCase_IsItsSlot() =>
        Assert.Equal(KeySlots.All.Select(slot => (KeySlot?)slot), Names.Select(name => KeySlots.Parse($" {name.ToLowerInvariant()}\t")));

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("10")]
    [InlineData("PRIMARY SECONDARY")]
    public void Parse_NoName_IsNone(string name) => Assert.Null(KeySlots.Parse(name));

    [Theory]
    [InlineData("2026-03-01T10:00:00.0000000Z", "2026-03-01T10:00:00Z")]
    [InlineData("2026-03-01T10:00:00.5000000+01:00", "2026-03-01T09:00:00.5Z")]
    [InlineData("2026-03-01", null)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public void Time_OfATag_IsReadInItsOneForm(string? text, string? expected) =>
        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), RotationSecret.Time(text));

    [Fact]
    public void ToString_OfAReading_ShowsNoValue()
    {
        Assert.Equal("v1", new SecretReading("the-value-of-a-secret", "v1").ToString());
        Assert.Equal("timeout", new SecretReading(null, Trouble: new VaultTrouble("timeout", "The vault did not answer.")).ToString());
        Assert.Equal("missing", SecretReading.Missing.ToString());
    }
}
