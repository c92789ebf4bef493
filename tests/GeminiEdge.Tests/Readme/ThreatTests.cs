using System.Reflection;
using System.Text.RegularExpressions;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Readme;

/// <summary>What SECURITY.md says is stopped, names the test that shows it, and that test is there.</summary>
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

    [Fact]
    public void Promises_TestsTheyName_AreThere()
    {
        Assert.InRange(Test().Count(string.Join('\n', Lines)), 20, int.MaxValue);
        Assert.All(Lines, AssertThere);
    }

    private static void AssertThere(string text)
    {
        foreach (var name in Test().Matches(text).Select(match => match.Groups["type"].Value))
        {
            Assert.True(Types.TryGetValue(name, out var type), $"SECURITY.md names {name}, which isn't there.");
            Assert.True(name == "SecretWatch" || type.GetMethods().Any(method => method.GetCustomAttributes<FactAttribute>().Any()), $"{name} tests nothing.");
        }
    }

    [GeneratedRegex("`(?<type>[A-Z][A-Za-z0-9]+Tests|SecretWatch)`")]
    private static partial Regex Test();
}
