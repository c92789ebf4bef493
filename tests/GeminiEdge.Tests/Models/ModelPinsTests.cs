using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Settings;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Tests.Models;

public class ModelPinsTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData(" ", "")]
    [InlineData("a=b", "a=b")]
    [InlineData(" models/a = models/b , c=d ", "a=b c=d")]
    public void Pins_AreRead(string? setting, string pins)
    {
        var (read, problems) = Read(setting);

        Assert.Empty(problems);
        Assert.Equal(pins, string.Join(' ', read.OrderBy(pin => pin.Key, StringComparer.Ordinal).Select(pin => $"{pin.Key}={pin.Value}")));
    }

    [Theory]
    [InlineData("a", 1)]
    [InlineData("a=", 1)]
    [InlineData("=b", 1)]
    [InlineData("a=b=c", 1)]
    [InlineData("a=b,", 2)]
    [InlineData("a=b,c d=e", 2)]
    [InlineData("a=b,c=d,models/a=e", 3)]
    public void Pin_ThatIsNone_IsRefusedByItsPlace(string setting, int entry)
    {
        var problem = Assert.Single(Read(setting).Problems);

        Assert.StartsWith("The setting GEMINI_MODEL_PINS ", problem, StringComparison.Ordinal);
        Assert.Contains($"entry {entry}", problem, StringComparison.Ordinal);
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Pins_SeveralAreNone_EachIsNamed() => Assert.Equal(2, Read("a,b=c,d").Problems.Count);

    // What stands in the wrong setting may be a key.
    [Fact]
    public void Pin_ThatIsNone_IsNotQuoted() =>
        Assert.DoesNotContain("AIzaSyA", Assert.Single(Read("AIzaSyA-an-imagined-key").Problems), StringComparison.Ordinal);

    private static (IReadOnlyDictionary<string, string> Pins, IReadOnlyList<string> Problems) Read(string? setting)
    {
        var reader = new SettingReader(new ConfigurationBuilder().AddInMemoryCollection([new("GEMINI_MODEL_PINS", setting)]).Build());
        return (ModelPins.Read(reader), reader.Problems);
    }
}
