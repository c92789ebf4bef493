using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Cli;

public sealed class ReportTests : IDisposable
{
    private readonly DirectoryInfo _temp = Directory.CreateTempSubdirectory("report-test-");

    private string Stem => Path.Combine(_temp.FullName, "record");

    public void Dispose() => _temp.Delete(recursive: true);

    [Fact]
    public async Task Report_OfAPromotion_SaysWhoWhenWhichKeysAndWhatIsProven()
    {
        await using var bed = await CliBed.StartAsync();
        var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));

        var run = await bed.RunAsync("promote", "--refresh-interval", "00:00:01", "--report", Stem);

        Assert.Equal(0, run.ExitCode);
        var json = JsonNode.Parse(await File.ReadAllTextAsync($"{Stem}.json"))!;
        Assert.Equal(("promote", "done"), (json["command"]!.GetValue<string>(), json["outcome"]!.GetValue<string>()));
        Assert.NotEmpty(json["operator"]!.GetValue<string>());
        Assert.True(json["started"]!.GetValue<DateTimeOffset>() < json["ended"]!.GetValue<DateTimeOffset>());
        Assert.Equal(
            [("PRIMARY", former.Value[^4..]), ("SECONDARY", next.Value[^4..])],
            json["slots_before"]!.AsArray().Select(slot => (slot!["slot"]!.GetValue<string>(), slot["key_id"]!.GetValue<string>())));
        Assert.Equal(bed.Vault.Latest(KeySlot.Primary.Secret())!.Version, json["slots_after"]![0]!["version"]!.GetValue<string>());
        Assert.Equal((next.Value[^4..], "ok"), (json["probes"]![0]!["key_id"]!.GetValue<string>(), json["probes"]![0]!["verdict"]!.GetValue<string>()));
        Assert.All(json["steps"]!.AsArray(), step => Assert.NotNull(step!["at"]));
        Assert.StartsWith("unproven", json["convergence"]!.GetValue<string>(), StringComparison.Ordinal);
        var markdown = await File.ReadAllTextAsync($"{Stem}.md");
        Assert.Contains($"| PRIMARY | …{former.Value[^4..]}", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain(former.Value[^8..], markdown + json.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(next.Value[^8..], markdown + json.ToJsonString(), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.All(_temp.EnumerateFiles(), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
        }
    }

    [Fact]
    public async Task Report_OfARefusedRollback_IsARecordToo()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);

        var run = await bed.RunAsync("rollback", "--report", Stem);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("- outcome: refused", await File.ReadAllTextAsync($"{Stem}.md"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".md")]
    [InlineData(".json")]
    public async Task Report_FileIsThere_IsRefusedBeforeAnythingIsBegun(string extension)
    {
        await using var bed = await CliBed.StartAsync();
        await File.WriteAllTextAsync(Stem + extension, "an earlier record");

        var run = await bed.RunAsync("promote", "--report", Stem);

        Assert.Equal(64, run.ExitCode);
        Assert.Empty(bed.Vault.Requests);
        Assert.Equal("an earlier record", await File.ReadAllTextAsync(Assert.Single(_temp.EnumerateFiles()).FullName));
    }

    [Fact]
    public async Task Report_SettingIsWrong_LeavesNoEmptyFile()
    {
        await using var bed = await CliBed.StartAsync();

        var run = await bed.RunAsync("promote", "--report", Stem, "--vault", "http://no-vault/");

        Assert.Equal(64, run.ExitCode);
        Assert.Empty(_temp.EnumerateFiles());
    }
}
