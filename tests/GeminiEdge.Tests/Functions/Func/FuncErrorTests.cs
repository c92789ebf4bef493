namespace GeminiEdge.Tests.Functions.Func;

/// <summary>What func says when something is missing, which people search for: docs/operations.md says what it means.</summary>
public sealed class FuncErrorTests : IDisposable
{
    private const string Runtime = "FUNCTIONS_WORKER_RUNTIME";

    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-edge-func-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("publish")]
    [InlineData("start")]
    public async Task Project_WithoutLocalSettings_NamesNoWorker(string command)
    {
        Put("host.json", "{}");

        await AssertRefusesAsync(command, "Worker runtime cannot be 'None'. Please set a valid runtime.");
    }

    [Theory]
    [InlineData("Values: keys", "Failed to read app settings file at '")]
    [InlineData("""{ "IsEncrypted": false, "Values": { "GEMINI_API_KEY_PRIMARY": "" } """, "Failed to read app settings file at '")]
    [InlineData("""{ "Values": { "FUNCTIONS_WORKER_RUNTIME": "dotnet-isolated" } }""", "")]
    public async Task LocalSettings_ThatFuncCantRead_NameNoWorker(string text, string warning)
    {
        Put("host.json", "{}");
        Put("local.settings.json", text);

        await AssertRefusesAsync("start", "Worker runtime cannot be 'None'. Please set a valid runtime.", warning);
    }

    [Fact]
    public async Task Publish_WithoutAHostJsonAnywhereAbove_FindsNoRoot() =>
        await AssertRefusesAsync("publish", "Unable to find project root. Expecting to find one of host.json in project root.", "", (Runtime, "dotnet-isolated"));

    // At the repository's root there is a host.json, and no project at or above it.
    [Fact]
    public async Task Publish_AboveTheProject_FindsNoDotnetVersion()
    {
        Put("host.json", "{}");

        await AssertRefusesAsync("publish", "You are deploying .NET Isolated  to Flex consumption.", "", (Runtime, "dotnet-isolated"));
    }

    [Fact]
    public async Task Start_BesideTwoProjects_BuildsNeither()
    {
        Put("host.json", "{}");
        Put("One.csproj", "");
        Put("Two.csproj", "");

        await AssertRefusesAsync("start", "Can't determine Project to build. Expected 1 .csproj or .fsproj but found 2", "", (Runtime, "dotnet-isolated"));
    }

    [Fact]
    public void Repository_HasWhatFuncNeedsBesideTheProject()
    {
        var folder = Repository.PathOf("src", "GeminiEdge.Functions");

        Assert.Equal(folder, AppRoot.Find(folder, "host.json", "local.settings.json"));
        Assert.Equal("GeminiEdge.Functions.csproj", Path.GetFileName(Assert.Single(AppRoot.Projects(folder))));
        Assert.All(["host.json", "local.settings.sample.json"], file => Assert.Equal(Repository.Read(file), Repository.Read("src", "GeminiEdge.Functions", file)));
        Assert.Contains("local.settings.json", Repository.Read(".gitignore").Split('\n'));
    }

    private async Task AssertRefusesAsync(string command, string message, string warning = "", params (string Name, string Value)[] variables)
    {
        var func = new CoreTools(_folder) { Environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value) };

        var error = await Assert.ThrowsAsync<FuncException>(() => command == "start" ? func.StartAsync() : func.PublishAsync());

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(warning, func.Output, StringComparison.Ordinal);
        Assert.Contains($"`{message.Split(". ")[0]}", Repository.Read("docs", "operations.md"), StringComparison.Ordinal);
        Assert.Contains(warning.TrimEnd('\'', ' '), Repository.Read("docs", "operations.md"), StringComparison.Ordinal);
    }

    private void Put(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
