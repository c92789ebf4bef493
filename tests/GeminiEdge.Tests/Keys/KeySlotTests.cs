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
}
