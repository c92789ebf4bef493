using System.Globalization;
using GeminiEdge.Fuzz;

namespace GeminiEdge.Tests.Fuzzing;

/// <summary>Each reader of bytes from outside, with its corpus and with what chance makes of it. docs/fuzzing.md says more.</summary>
public sealed class FuzzTests : IDisposable
{
    private const string Setting = "GEMINI_EDGE_FUZZ_SEED";

    // An input takes a thousandth of a second: one that is still tried after this hangs, however busy the machine is.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable(Setting) ?? "1", CultureInfo.InvariantCulture);

    private readonly DirectoryInfo _corpus = Directory.CreateTempSubdirectory("gemini-edge-fuzz-");

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    public void Dispose() => _corpus.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Reader_ItsCorpusAndWhatIsMadeOfIt_KeepsItsPromises(string name)
    {
        var target = FuzzTargets.Find(name)!;
        var run = new FuzzRun(target, FuzzCorpus.Folder);
        var fault = Task.Run(() => run.Replay() ?? run.Mutate(Seed, target.Inputs), TestContext.Current.CancellationToken);

        for (var tried = ""; await Task.WhenAny(fault, Task.Delay(Patience, TimeProvider.System, TestContext.Current.CancellationToken)) != fault; tried = run.Trying)
        {
            Assert.True(run.Trying != tried, $"It hangs: {tried}.");
        }

        Assert.True(await fault is null, $"{await fault}\nAgain: {Setting}={Seed} dotnet test --project tests/GeminiEdge.Tests --filter-class {typeof(FuzzTests).FullName}");
    }

    [Fact]
    public void Corpus_HasAFolderForEachTarget() =>
        Assert.Equal(FuzzTargets.All.Select(target => target.Name).Order(StringComparer.Ordinal), Directory.GetDirectories(FuzzCorpus.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public void Fault_IsToldWithItsFile()
    {
        Keep("bad", "{");

        Assert.StartsWith("brace/bad: GeminiEdge.Fuzz.BrokenPromiseException: There is no brace.", new FuzzRun(NoBrace, _corpus.FullName).Replay(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_OfAMutatedInput_IsFoundAgainByItsSeed()
    {
        Keep("good", "[]");

        var first = new FuzzRun(NoBrace, _corpus.FullName).Mutate(7, 10_000);

        Assert.StartsWith("brace, seed 7, input ", first, StringComparison.Ordinal);
        Assert.Equal(first, new FuzzRun(NoBrace, _corpus.FullName).Mutate(7, 10_000));
    }

    private static readonly FuzzTarget NoBrace = new("brace", 1, input => Promise.That(!input.Contains((byte)'{'), "There is no brace."));

    private void Keep(string name, string text) => File.WriteAllText(Path.Combine(_corpus.CreateSubdirectory("brace").FullName, name), text);
}
