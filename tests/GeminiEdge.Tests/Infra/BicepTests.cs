using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Infra;

public partial class BicepTests
{
    // The compiler's own and the linter's: a build says what a lint would.
    [Fact]
    public async Task Files_BuiltAndLinted_GiveNoDiagnostic()
    {
        var compiled = await Bicep.Compiled;

        Assert.NotEmpty(compiled);
        Assert.All(compiled.Values, file => Assert.Equal([], file.Diagnostics));
        Assert.All(compiled.Values, file => Assert.NotNull(file.Contents));
    }

    [Fact]
    public async Task Files_AreFormatted()
    {
        foreach (var file in Bicep.Files)
        {
            Assert.Equal(await Bicep.FormatAsync(file), await File.ReadAllTextAsync(file));
        }
    }

    // A rule that is only a warning passes a deployment by.
    [Fact]
    public async Task Linter_FindsWhatItIsFor()
    {
        var folder = Directory.CreateTempSubdirectory("geminiedge-infra-").FullName;
        try
        {
            File.Copy(Bicep.PathOf("bicepconfig.json"), Path.Combine(folder, "bicepconfig.json"));
            var file = Path.Combine(folder, "test.bicep");
            await File.WriteAllTextAsync(file, "param unused string\n");

            var found = Assert.Single((await Bicep.CompileAsync(file)).Diagnostics);

            Assert.Equal(("Error", "no-unused-params"), (found.Level, found.Code));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Example_OfParameters_FitsTheTemplateAndHoldsNoKey()
    {
        var example = await Bicep.CompileAsync(Bicep.PathOf("main.bicepparam"));

        Assert.Equal([], example.Diagnostics);
        Assert.DoesNotMatch(KeyLike(), example.Contents!);
        Assert.DoesNotMatch(KeyLike(), (await Bicep.Compiled)["main"].Contents!);
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
            var compiled = await Bicep.CompileAsync(file);

            Assert.Null(compiled.Contents);
            Assert.Equal([2, 3, 4, 5], compiled.Diagnostics.Where(found => found.Level == "Error" && found.File.EndsWith(".bicepparam", StringComparison.Ordinal)).Select(found => found.Line));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Parameters_OfTheEntry_AllHaveADefault()
    {
        var main = (await Bicep.Compiled)["main"].Template;

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
        (await Bicep.Compiled).SelectMany(built => Templates(built.Value.Template).Select(template => (built.Key, template)));

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
