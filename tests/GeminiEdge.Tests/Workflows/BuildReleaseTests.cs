using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Cli;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Workflows;

/// <summary>`.github/build-release`, really run, with scripts in the place of `dotnet`, `docker` and `git`.</summary>
public sealed class BuildReleaseTests : IDisposable
{
    // Publishes what the tests were built with; a tool that is installed prints what stands in the file `tool-version`.
    private const string Dotnet = """
        #!/usr/bin/env bash
        state=$(dirname "$0")/..
        echo "dotnet $*" >> "$state/calls"
        [[ $CI == true ]] || exit 9
        all="$*"
        while (( $# > 1 )); do case $1 in --output) output=$2 ;; --filename) name=$2 ;; --tool-path) tools=$2 ;; esac; shift; done
        case $all in
          "publish "*) mkdir -p "$output" && cp -R "$(< "$state/built")/." "$output" ;;
          "pack "*) touch "$output/$(basename "$(cut -d ' ' -f 2 <<< "$all")").nupkg" ;;
          "tool install "*) mkdir -p "$tools" && printf '#!/bin/sh\necho %s\n' "$(< "$state/tool-version")" > "$tools/edgectl" && chmod +x "$tools/edgectl" ;;
          "msbuild "*) echo 10.0.99 ;;
          "tool run "*) echo '{}' > "$output/$name" ;;
        esac
        """;

    private const string Docker = """
        #!/usr/bin/env bash
        echo "docker $*" >> "$(dirname "$0")/../calls"
        [[ $1 == run ]] && cat "$(dirname "$0")/../tool-version"
        while (( $# > 1 )); do [[ $1 == --output ]] && echo layers > "$2"; shift; done
        exit 0
        """;

    private const string Git = """
        #!/usr/bin/env bash
        case $1 in log) echo 1790000000 ;; rev-parse) echo 0123456789abcdef0123456789abcdef01234567 ;; esac
        """;

    private static readonly string Built = typeof(Edge).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private static readonly string[] Released = ["a.nupkg", "b.tar.gz"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gemini-edge-release-");

    public BuildReleaseTests()
    {
        foreach (var name in (string[])["root/.github", "root/src", "programs", "release"])
        {
            _folder.CreateSubdirectory(name);
        }

        File.Copy(Repository.PathOf(".github", "build-release"), PathOf("root", ".github", "build-release"));
        File.WriteAllText(PathOf("root", "LICENSE"), "MIT\n");
        File.WriteAllText(PathOf("root", "CHANGELOG.md"), "# Changelog\n\n## Unreleased\n\n- What comes.\n\n## 1.2.30\n\n- Another.\n\n## 1.2.3 (2026-12-01)\n\n- A key that rests\n  comes back.\n\n## 1.2.2\n\n- Before.\n");
        File.WriteAllText(PathOf("built"), Path.GetDirectoryName(EdgeProcess.Executable)!);
        File.WriteAllText(PathOf("tool-version"), "1.2.3");
        File.WriteAllText(PathOf("calls"), "");
        AddProgram("dotnet", Dotnet);
        AddProgram("docker", Docker);
        AddProgram("git", Git);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("v1.2")]
    [InlineData("v1.2.3.4")]
    [InlineData("v01.2.3")]
    [InlineData("v1.2.3-")]
    [InlineData("v1.2.3-rc..1")]
    [InlineData("v1.2.3-01")]
    [InlineData("v1.2.3+build")]
    [InlineData("v1.2.3 -p:Evil=1")]
    [InlineData("v1.2.3\nv1.2.4")]
    [InlineData("very-first")]
    public async Task Tag_ThatIsNoVersion_IsRefusedBeforeAnythingIsMade(string tag)
    {
        var (exitCode, said) = await RunAsync(tag, "notes", "packages");

        Assert.Equal(64, exitCode);
        Assert.StartsWith("build-release: The tag is no version such as v1.2.3.\n", said, StringComparison.Ordinal);
        Assert.Empty(Made);
        Assert.Empty(Calls);
    }

    [Theory]
    [InlineData("A tag, a folder and at least one part are needed.")]
    [InlineData("everything is no part.", "packages", "everything")]
    public async Task Parts_ThatAreWrong_AreNamedBeforeAnythingIsMade(string message, params string[] parts)
    {
        var (exitCode, said) = await RunAsync("v1.2.3", parts);

        Assert.Equal(64, exitCode);
        Assert.StartsWith($"build-release: {message}\n", said, StringComparison.Ordinal);
        Assert.Empty(Calls);
    }

    [Fact]
    public async Task Notes_AreTheVersionsSectionOfTheChangelog()
    {
        var (exitCode, said) = await RunAsync("v1.2.3", "notes");

        Assert.True(exitCode == 0, said);
        Assert.Equal("- A key that rests\n  comes back.\n\n", File.ReadAllText(PathOf("release", "notes.md")));
    }

    [Theory]
    [InlineData("v1.2.4")]
    [InlineData("v1.2.3-rc.1")]
    public async Task Version_ThatTheChangelogDoesNotKnow_IsNotReleased(string tag)
    {
        var (exitCode, said) = await RunAsync(tag, "notes", "packages");

        Assert.Equal(1, exitCode);
        Assert.Contains($"CHANGELOG.md has no section \"## {tag[1..]}\"", said, StringComparison.Ordinal);
        Assert.Empty(Calls);
    }

    [Fact]
    public async Task Packages_BearTheTagsVersion_AndEdgectlIsInstalledFromItsOwn()
    {
        var (exitCode, said) = await RunAsync("v1.2.3", "packages");

        Assert.True(exitCode == 0, said);
        Assert.Equal(["GeminiEdge.Cli.nupkg", "GeminiEdge.Failover.nupkg"], Made);
        Assert.Equal(
            [
                $"dotnet pack src/GeminiEdge.Failover --output {PathOf("release")} -p:Version=1.2.3",
                $"dotnet pack src/GeminiEdge.Cli --output {PathOf("release")} -p:Version=1.2.3",
                $"dotnet tool install GeminiEdge.Cli --tool-path TEMP/tools --source {PathOf("release")} --version 1.2.3",
            ],
            Calls.Select(call => System.Text.RegularExpressions.Regex.Replace(call, "/[^ ]*/tmp\\.[A-Za-z0-9]+", "TEMP")));
    }

    [Fact]
    public async Task Packages_OfAnEdgectlThatSaysAnotherVersion_Fail()
    {
        File.WriteAllText(PathOf("tool-version"), "1.2.2");

        var (exitCode, said) = await RunAsync("v1.2.3", "packages");

        Assert.Equal(1, exitCode);
        Assert.Contains("does not say that it is 1.2.3.", said, StringComparison.Ordinal);
    }

    // The executable that the tests were built with is started, and asked over HTTP.
    [Fact]
    public async Task Executable_ThatSaysItsVersion_IsPackedWithTheLicence()
    {
        var (exitCode, said) = await RunAsync($"v{Built}", "executable");

        Assert.True(exitCode == 0, said);
        var archive = Assert.Single(Made);
        Assert.Matches($@"^GeminiEdge\.Server-{System.Text.RegularExpressions.Regex.Escape(Built)}-linux-(x64|arm64)\.tar\.gz$", archive);
        var files = await TarAsync("--list", "--verbose", "--gzip", "--file", PathOf("release", archive));
        Assert.Contains(files, line => line.StartsWith("-rwxr-xr-x 0/0 ", StringComparison.Ordinal) && line.EndsWith(" ./GeminiEdge.Server", StringComparison.Ordinal));
        Assert.Contains(files, line => line.EndsWith(" ./LICENSE", StringComparison.Ordinal));
        Assert.Contains(files, line => line.EndsWith(" ./edge-1-health/function.json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Executable_ThatAsksForANewerSystem_IsNotPacked()
    {
        AddProgram("objdump", "#!/bin/sh\necho '0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.38) fmod'\n");

        var (exitCode, said) = await RunAsync($"v{Built}", "executable");

        Assert.Equal(1, exitCode);
        Assert.Contains("The executable asks for glibc 2.38, and 2.36 is the newest it may", said, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    [Fact]
    public async Task Executable_ThatSaysAnotherVersion_Fails()
    {
        var (exitCode, said) = await RunAsync("v99.0.0", "executable");

        Assert.Equal(1, exitCode);
        Assert.EndsWith("build-release: The executable's --version is not 99.0.0.\n", said, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    [Fact]
    public async Task Sbom_IsOneForEachThatIsReleased()
    {
        var (exitCode, said) = await RunAsync("v1.2.3-rc.1", "sbom");

        Assert.True(exitCode == 0, said);
        Assert.Equal(["GeminiEdge.Cli-1.2.3-rc.1.cdx.json", "GeminiEdge.Failover-1.2.3-rc.1.cdx.json", "GeminiEdge.Server-1.2.3-rc.1.cdx.json"], Made);
        Assert.Equal("dotnet tool restore", Calls[0]);

        // What no project refers to, and every native executable holds.
        var linked = JsonNode.Parse(File.ReadAllText(PathOf("release", "GeminiEdge.Server-1.2.3-rc.1.cdx.json")))!["components"]!.AsArray().Select(component => (string)component!["purl"]!);
        Assert.Contains("pkg:nuget/Microsoft.NETCore.App.Runtime.NativeAOT.linux-x64@10.0.99", linked);
    }

    [Fact]
    public async Task Image_IsBuiltWithVersionAndRevision()
    {
        var (exitCode, said) = await RunAsync("v1.2.3", "image");

        Assert.True(exitCode == 0, said);
        Assert.Equal("docker build --tag geminiedge:1.2.3 --build-arg VERSION=1.2.3 --build-arg REVISION=0123456789abcdef0123456789abcdef01234567 .", Calls[0]);
        Assert.Matches(@"^GeminiEdge\.Server-1\.2\.3-linux-(x64|arm64)\.image\.tar\.gz$", Assert.Single(Made));
    }

    [Fact]
    public async Task Checksums_AreOfAllThatIsReleased()
    {
        foreach (var name in (string[])[.. Released, "notes.md", "SHA256SUMS"])
        {
            File.WriteAllText(PathOf("release", name), name);
        }

        var (exitCode, said) = await RunAsync("v1.2.3", "checksums");

        Assert.True(exitCode == 0, said);
        Assert.Equal(
            Released.Select(name => $"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)))}  {name}"),
            File.ReadAllLines(PathOf("release", "SHA256SUMS")));
    }

    [Fact]
    public async Task Checksums_OfNothing_Fail()
    {
        var (exitCode, said) = await RunAsync("v1.2.3", "checksums");

        Assert.Equal(1, exitCode);
        Assert.EndsWith("is empty.\n", said, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    private IEnumerable<string> Made => Directory.EnumerateFiles(PathOf("release")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private string[] Calls => File.ReadAllLines(PathOf("calls"));

    private string PathOf(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);

    private async Task<(int ExitCode, string Said)> RunAsync(string tag, params string[] parts)
    {
        var start = new ProcessStartInfo(PathOf("root", ".github", "build-release"), [tag, PathOf("release"), .. parts]) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(CliRun.IsRead).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["PATH"] = $"{PathOf("programs")}:{start.Environment["PATH"]}";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        var (said, refused) = (await output, await errors);
        return (process.ExitCode, process.ExitCode == 64 ? refused + said : said + refused);
    }

    private static async Task<string[]> TarAsync(params string[] arguments)
    {
        using var tar = Process.Start(new ProcessStartInfo("tar", arguments) { RedirectStandardOutput = true })!;
        var files = await tar.StandardOutput.ReadToEndAsync();
        await tar.WaitForExitAsync();
        return files.Split('\n');
    }

    private void AddProgram(string name, string script)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The release is made by bash, as on GitHub's Linux runners.");
        }

        File.WriteAllText(PathOf("programs", name), script);
        File.SetUnixFileMode(PathOf("programs", name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
