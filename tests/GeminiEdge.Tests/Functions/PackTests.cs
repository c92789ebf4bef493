using System.IO.Compression;
using System.Xml.Linq;

namespace GeminiEdge.Tests.Functions;

/// <summary>`dotnet pack` makes two packages, the library and edgectl, with all that a gallery asks for.</summary>
public sealed class PackTests
{
    [Theory]
    [InlineData("GeminiEdge.Failover", "lib/net10.0/GeminiEdge.Failover.dll", "lib/net10.0/GeminiEdge.Failover.pdb")]
    [InlineData("GeminiEdge.Cli", "tools/net10.0/any/edgectl.dll", "tools/net10.0/any/edgectl.pdb")]
    public async Task Package_HoldsReadmeLicenceAndSymbols(string project, string assembly, string symbols)
    {
        var folder = Directory.CreateTempSubdirectory("gemini-edge-pack-");
        try
        {
            // What the tests were built with is packed as it is.
            await Dotnet.RunAsync("pack", Repository.PathOf("src", project), "--no-build", "-c", "Debug", "-o", folder.FullName, "-m:1");

            using var package = await ZipFile.OpenReadAsync(Assert.Single(folder.GetFiles("*.nupkg")).FullName);
            var nuspec = XDocument.Load(package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open()).Root!.Elements().Single();
            string? Of(string name) => nuspec.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
            Assert.Equal((project, "MIT", "README.md"), (Of("id"), Of("license"), Of("readme")));
            Assert.NotEmpty(Of("description")!);
            Assert.All(["README.md", assembly], file => Assert.NotNull(package.GetEntry(file)));
            Assert.DoesNotContain(package.Entries, entry => project == "GeminiEdge.Failover" && entry.Name.Contains("Sandbox", StringComparison.Ordinal));

            using var debug = await ZipFile.OpenReadAsync(Assert.Single(folder.GetFiles("*.snupkg")).FullName);
            Assert.NotNull(debug.GetEntry(symbols));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Sample_InYourOwnProcess_Answers()
    {
        var output = await Dotnet.RunAsync(Repository.PathOf("artifacts", "bin", "InYourOwnProcess", "debug", "InYourOwnProcess.dll"));

        Assert.Contains("No key is set: answers come from a simulator, whose first key has expired.", output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split('\n').Count(line => line.Contains("Say hello", StringComparison.Ordinal)));
    }
}
