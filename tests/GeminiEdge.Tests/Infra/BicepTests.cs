using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Infra;

public partial class BicepTests
{
    [Fact]
    public async Task Files_Built_GiveNoDiagnostic() => Assert.Equal(
        Directory.GetFiles(Bicep.PathOf(""), "*.bicep").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal),
        (await Bicep.Built).Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Files_Linted_GiveNoDiagnostic() => Assert.Equal((0, "", ""), await Bicep.RunAsync("lint", "--pattern", Bicep.Pattern));

    [Fact]
    public async Task Files_AreFormatted()
    {
        var folder = Directory.CreateTempSubdirectory("geminiedge-infra-").FullName;
        try
        {
            var files = Directory.GetFiles(Bicep.PathOf(""), "*.bicep").ToDictionary(file => Path.Combine(folder, Path.GetFileName(file)), File.ReadAllText);
            foreach (var (copy, text) in files)
            {
                await File.WriteAllTextAsync(copy, text);
            }

            Assert.Equal((0, "", ""), await Bicep.RunAsync("format", "--pattern", Path.Combine(folder, "*.bicep")));

            Assert.All(files, file => Assert.Equal(File.ReadAllText(file.Key), file.Value));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A rule that is only a warning passes a deployment by.
    [Fact]
    public async Task Linter_FindsWhatItIsFor()
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.bicep");
        await File.WriteAllTextAsync(file, "param unused string\n");
        try
        {
            var (exitCode, _, errors) = await Bicep.RunAsync("lint", file, "--config", Bicep.PathOf("bicepconfig.json"));

            Assert.NotEqual(0, exitCode);
            Assert.Contains("Error no-unused-params", errors, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Example_OfParameters_FitsTheTemplateAndHoldsNoKey()
    {
        var (exitCode, output, errors) = await Bicep.RunAsync("build-params", Bicep.PathOf("main.bicepparam"), "--stdout");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.DoesNotMatch(KeyLike(), output);
        Assert.DoesNotMatch(KeyLike(), await File.ReadAllTextAsync(Bicep.PathOf("main.bicepparam")));
    }

    [Fact]
    public async Task Parameters_AreDescribedAndUsedAndNoSecrets()
    {
        foreach (var (file, template) in await TemplatesAsync())
        {
            var text = template.ToJsonString();
            foreach (var (name, parameter) in template["parameters"]?.AsObject() ?? [])
            {
                Assert.False(string.IsNullOrWhiteSpace(parameter!["metadata"]?["description"]?.GetValue<string>()), $"{file}: {name} has no description.");
                Assert.True(Regex.IsMatch(text, $@"parameters\((\\u0027|'){name}(\\u0027|')\)"), $"{file}: {name} is not used.");
                Assert.DoesNotContain("secure", parameter["type"]?.GetValue<string>() ?? "", StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task Parameters_OutsideTheirLimits_AreAllRefused()
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.bicepparam");
        var main = Path.GetRelativePath(Path.GetTempPath(), Bicep.PathOf("main.bicep"));
        await File.WriteAllLinesAsync(file, [$"using '{main}'", "param maximumInstanceCount = 39", "param perInstanceConcurrency = 0", "param instanceMemoryMB = 1024", "param hostingModel = 'inprocess'"]);
        try
        {
            var (exitCode, _, errors) = await Bicep.RunAsync("build-params", file, "--stdout");

            Assert.NotEqual(0, exitCode);
            Assert.All([2, 3, 4, 5], line => Assert.Contains($".bicepparam({line},", errors, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Parameters_OfTheEntry_AllHaveADefault()
    {
        var main = (await Bicep.Built)["main"];

        Assert.All(main["parameters"]!.AsObject(), parameter => Assert.True(parameter.Value!.AsObject().ContainsKey("defaultValue"), parameter.Key));
    }

    [Fact]
    public async Task Templates_AskForNoKey_AndGiveNoneOut()
    {
        foreach (var (_, template) in await TemplatesAsync())
        {
            // listKeys(), list…Secrets(), getSecret(): all that reads a secret while it deploys.
            Assert.DoesNotMatch(SecretFunction(), template.ToJsonString());
            foreach (var (name, output) in template["outputs"]?.AsObject() ?? [])
            {
                Assert.DoesNotContain("secure", output!["type"]!.GetValue<string>(), StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotMatch(SecretProperty(), output.ToJsonString());
                Assert.DoesNotMatch(SecretProperty(), name);
            }
        }
    }

    private static async Task<IEnumerable<(string File, JsonObject Template)>> TemplatesAsync() =>
        (await Bicep.Built).SelectMany(built => Templates(built.Value).Select(template => (built.Key, template)));

    /// <summary>A template and those of its modules.</summary>
    private static IEnumerable<JsonObject> Templates(JsonObject template)
    {
        yield return template;
        var resources = template["resources"] switch
        {
            JsonObject named => named.Select(resource => resource.Value!.AsObject()),
            JsonArray listed => listed.Select(resource => resource!.AsObject()),
            _ => [],
        };
        foreach (var inner in resources.Select(resource => (resource["properties"] as JsonObject)?["template"]).OfType<JsonObject>().SelectMany(Templates))
        {
            yield return inner;
        }
    }

    [GeneratedRegex(@"AIza|AQ\.|@secure|AccountKey=|SharedAccessSignature|InstrumentationKey=")]
    private static partial Regex KeyLike();

    [GeneratedRegex(@"\blist[A-Z]\w*\(|getSecret\(", RegexOptions.IgnoreCase)]
    private static partial Regex SecretFunction();

    [GeneratedRegex("connectionString|instrumentationKey|accountKey|primaryKey|sharedKey|password|clientSecret", RegexOptions.IgnoreCase)]
    private static partial Regex SecretProperty();
}
