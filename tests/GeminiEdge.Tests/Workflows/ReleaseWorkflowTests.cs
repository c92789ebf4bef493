using GeminiEdge.Tests.Functions;
using YamlDotNet.RepresentationModel;

namespace GeminiEdge.Tests.Workflows;

/// <summary>The release workflow: who makes what, and the steps of the job that publishes, really run with scripts in the place of `gh`, `docker` and `skopeo`.</summary>
public sealed class ReleaseWorkflowTests : IDisposable
{
    private const string Name = "release.yml";
    private const string Token = "the-token-of-the-run";

    private const string Recording = """
        #!/usr/bin/env bash
        echo "$(basename "$0") $*" >> "$(dirname "$0")/../calls"
        if [[ $* == *--password-stdin* ]]; then cat >> "$(dirname "$0")/../tokens"; fi
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gemini-edge-release-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Release_IsMadeOfATagAlone() =>
        Assert.Equal("v*", Assert.Single((YamlSequenceNode)Workflow.Map(Workflow.Map(Workflow.Open(Name).Root, "on"), "push")["tags"]).ToString());

    [Fact]
    public void Release_IsPublishedWhenAllElseIsDoneAndApproved()
    {
        var publish = Workflow.Open(Name);

        Assert.Equal("release", publish.Job["environment"].ToString());
        Assert.Equal(Jobs.Select(job => job.JobName).SkipLast(1).Order(StringComparer.Ordinal), ((YamlSequenceNode)publish.Job["needs"]).Select(job => job.ToString()).Order(StringComparer.Ordinal));
        Assert.Contains(Jobs.SelectMany(job => job.Steps), step => step.Run == ".ci/run");
    }

    // What a build runs is any package's code; it must not run where something can be written, or signed with this repository's name.
    [Fact]
    public void Jobs_ThatMayWrite_MakeNothingButTheChecksums()
    {
        foreach (var job in Jobs)
        {
            var mayWrite = Workflow.Strings(job.Job, "permissions").Values.Contains("write");
            var parts = job.Steps.Select(step => step.Run ?? "").Where(run => run.StartsWith(".github/build-release ", StringComparison.Ordinal)).SelectMany(run => run.Split(' ').Skip(3)).ToList();

            Assert.Equal(job.JobName == "publish", mayWrite);
            Assert.Equal(mayWrite, parts is ["checksums"]);
            Assert.DoesNotContain(job.Steps, step => mayWrite && (step.Run?.Contains("dotnet", StringComparison.Ordinal) is true || step.Uses?.StartsWith("actions/setup-dotnet@", StringComparison.Ordinal) is true));
        }
    }

    [Fact]
    public void Parts_AreAllMade()
    {
        var help = Repository.Read(".github", "build-release").Split("<<'END'")[1].Split("\nEND\n")[0];
        var parts = Jobs.SelectMany(job => job.Steps).Select(step => step.Run ?? "").Where(run => run.StartsWith(".github/build-release ", StringComparison.Ordinal)).ToList();

        Assert.All(parts, run => Assert.StartsWith(".github/build-release \"$GITHUB_REF_NAME\" \"$RUNNER_TEMP/release\" ", run, StringComparison.Ordinal));
        Assert.All(
            parts.SelectMany(run => run.Split(' ').Skip(3)).Concat(["notes", "executable", "packages", "sbom", "image", "checksums"]),
            part => Assert.Matches($@"\n  (PART)? +{part} ", help));
        Assert.Equal(6, parts.SelectMany(run => run.Split(' ').Skip(3)).Distinct().Count());
    }

    [Theory]
    [InlineData("v1.2.3", "")]
    [InlineData("v1.2.3-rc.1", "--prerelease ")]
    public async Task Publish_PushesTheImagesAndAttachesEveryFile(string tag, string prerelease)
    {
        var version = tag[1..];
        string[] files = [$"GeminiEdge.Server-{version}-linux-arm64.image.tar.gz", $"GeminiEdge.Server-{version}-linux-x64.image.tar.gz", $"GeminiEdge.Server-{version}-linux-x64.tar.gz"];
        string? attested = null;

        using var run = await RunAsync(tag, with => attested = with["subject-checksums"], [.. files, "notes.md"]);

        Assert.True(run.Conclusion == "success", run.Log);
        var image = $"ghcr.io/octo-org/geminiedge:{version}";
        Assert.Equal(
            [
                "skopeo login ghcr.io --username octocat --password-stdin",
                "docker login ghcr.io --username octocat --password-stdin",
                $"skopeo copy docker-archive:{run.Temp}/linux-x64.tar docker://{image}-linux-x64",
                $"skopeo copy docker-archive:{run.Temp}/linux-arm64.tar docker://{image}-linux-arm64",
                $"docker buildx imagetools create --tag {image} {image}-linux-x64 {image}-linux-arm64",
                $"gh release create {tag} --verify-tag --title {tag} --notes-file {run.Temp}/notes.md {prerelease}{string.Join(' ', files.Append("SHA256SUMS").Order(StringComparer.Ordinal).Select(file => $"{run.Temp}/release/{file}"))}",
            ],
            File.ReadAllLines(PathOf("calls")));
        Assert.Equal($"{run.Temp}/release/SHA256SUMS", attested);
        Assert.Equal(files, run.File("release", "SHA256SUMS").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("  ")[1]));
        Assert.Equal($"{Token}\n{Token}\n", File.ReadAllText(PathOf("tokens")));
        Assert.DoesNotContain(Token, run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_WithoutAnImage_PublishesNothing()
    {
        using var run = await RunAsync("v1.2.3", _ => { }, ["GeminiEdge.Server-1.2.3-linux-x64.image.tar.gz", "notes.md"]);

        Assert.Equal("failure", run.Conclusion);
        Assert.DoesNotContain(File.ReadAllLines(PathOf("calls")), call => call.StartsWith("gh ", StringComparison.Ordinal));
    }

    private static List<Workflow> Jobs => [.. Workflow.All.Where(workflow => workflow.Name == Name)];

    private string PathOf(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);

    private async Task<JobRun> RunAsync(string tag, Action<IReadOnlyDictionary<string, string>> attest, string[] files)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The workflow's steps are run by bash, as on GitHub's Linux runners.");
        }

        foreach (var name in (string[])["gh", "docker", "skopeo"])
        {
            Directory.CreateDirectory(PathOf("programs"));
            File.WriteAllText(PathOf("programs", name), Recording);
            File.SetUnixFileMode(PathOf("programs", name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return await JobRun.RunAsync(Workflow.Open(Name), new(Repository.PathOf(), new Dictionary<string, string>
        {
            ["PATH"] = $"{PathOf("programs")}:{Environment.GetEnvironmentVariable("PATH")}",
            ["GITHUB_REF_NAME"] = tag,
            ["GITHUB_REPOSITORY"] = "Octo-Org/GeminiEdge",
            ["GITHUB_ACTOR"] = "octocat",
        }, new Dictionary<string, string>())
        {
            Token = Token,
            Actions = new Dictionary<string, Action<IReadOnlyDictionary<string, string>>>
            {
                ["actions/checkout"] = with => Assert.Equal("false", with["persist-credentials"]),
                ["actions/download-artifact"] = with => Download(with["path"], files),
                ["actions/attest"] = attest,
            },
        });
    }

    private static void Download(string folder, string[] files)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in files)
        {
            using var file = File.Create(Path.Combine(folder, name));
            using var content = name.EndsWith(".gz", StringComparison.Ordinal) ? new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionMode.Compress) : (Stream)file;
            content.Write(System.Text.Encoding.UTF8.GetBytes(name));
        }
    }
}
