using System.Reflection;
using System.Text.RegularExpressions;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Readme;

/// <summary>What SECURITY.md says is stopped, and docs/reliability.md is promised, names the test that shows it, and that test is there.</summary>
public partial class ThreatTests
{
    private static readonly string[] Lines = Repository.Read("SECURITY.md").Split('\n');

    private static readonly Dictionary<string, Type> Types = typeof(ThreatTests).Assembly.GetTypes().Where(type => type is { IsNested: false, Namespace: not null })
        .GroupBy(type => type.Name).ToDictionary(types => types.Key, types => types.First());

    public static TheoryData<string> Threats => [.. Lines.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)];

    [Theory]
    [MemberData(nameof(Threats))]
    public void Threat_NamesWhoHowAndItsTest(string line)
    {
        var cells = line.Trim('|', ' ').Split(" | ");

        Assert.Equal(4, cells.Length);
        Assert.NotEmpty(Test().Matches(cells[3]));
        AssertThere(cells[3]);
    }

    [Theory]
    [InlineData("SECURITY.md", 50)]
    [InlineData("docs/reliability.md", 15)]
    public void Promises_TestsTheyName_AreThere(string file, int least)
    {
        var text = Repository.Read(file.Split('/'));

        Assert.InRange(Test().Count(text), least, int.MaxValue);
        AssertThere(text);
    }

    private static void AssertThere(string text)
    {
        foreach (var name in Test().Matches(text).Select(match => match.Groups["type"].Value))
        {
            Assert.True(Types.TryGetValue(name, out var type), $"{name} is named and isn't there.");
            Assert.True(name == "SecretWatch" || type.GetMethods().Any(method => method.GetCustomAttributes<FactAttribute>().Any()), $"{name} tests nothing.");
        }
    }

    [GeneratedRegex("`(?<type>[A-Z][A-Za-z0-9]+Tests|SecretWatch)`")]
    private static partial Regex Test();
}
