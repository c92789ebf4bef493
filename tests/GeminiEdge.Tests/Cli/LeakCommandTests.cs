using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli;

public sealed partial class LeakCommandTests : IDisposable
{
    private const string Site = "/subscriptions/0/resourceGroups/edge/providers/Microsoft.Web/sites/edge";
    private readonly DirectoryInfo _temp = Directory.CreateTempSubdirectory("leak-test-");

    public void Dispose() => _temp.Delete(recursive: true);

    [Fact]
    public async Task Leak_WithGoogleCredentials_ContainsDeletesAndReplaces()
    {
        await using var bed = await GoogleBed.StartAsync();
        var leaked = bed.Issue(KeySlot.Primary);
        var standby = bed.Cli.Put(KeySlot.Secondary);
        var file = Path.Combine(_temp.FullName, "leak");

        var run = await bed.Cli.RunAsync("leak", "--project", GoogleBed.Project, "--refresh-interval", "00:00:01", "--json", "--report", file);

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(standby.Value[^4..], bed.Cli.IdOf(KeySlot.Primary));
        Assert.NotEqual(standby.Value[^4..], bed.Cli.IdOf(KeySlot.Secondary));
        Assert.NotEqual("none", bed.Cli.IdOf(KeySlot.Secondary));
        Assert.Equal((leaked.Key.Value[^4..], "key_invalid"), (run.Json["leaked_key_id"]!.GetValue<string>(), run.Json["leaked_key_verdict"]!.GetValue<string>()));
        Assert.InRange(run.Json["contained_s"]!.GetValue<double>(), 5, 60);
        Assert.Equal("unproven", run.Json["containment"]!.GetValue<string>());

        // What it has done itself it asks of nobody.
        Assert.DoesNotContain("is due", run.Errors + run.Output, StringComparison.Ordinal);
        Assert.Contains("Contained is unproven: time waited", run.Errors, StringComparison.Ordinal);
        Assert.Equal(["contain", "references", "delete", "standby", "usage", "history"], run.Json["stages"]!.AsArray().Select(stage => stage!["stage"]!.GetValue<string>()));
        Assert.Contains("by minute 60", run.Errors, StringComparison.Ordinal);
        Assert.Contains("aistudio.google.com/usage", run.Errors, StringComparison.Ordinal);

        var record = await File.ReadAllTextAsync($"{file}.md") + await File.ReadAllTextAsync($"{file}.json");
        Assert.Contains($"Google's last answer to …{leaked.Key.Value[^4..]}: key_invalid", record, StringComparison.Ordinal);
        Assert.DoesNotContain(leaked.Key.Value[^8..], record, StringComparison.Ordinal);
        var secondary = bed.Cli.IdOf(KeySlot.Secondary);
        Assert.Contains(JsonNode.Parse(await File.ReadAllTextAsync($"{file}.json"))!["slots_after"]!.AsArray(), slot => slot!["slot"]!.GetValue<string>() == "SECONDARY" && slot["key_id"]!.GetValue<string>() == secondary);
    }

    [Theory]
    [InlineData(SandboxKeyState.Working, "ok")]
    [InlineData(SandboxKeyState.IpBlocked, "key_blocked")]
    public async Task Leak_ByHand_ExitsTwoWhileGoogleMayTakeTheKey(SandboxKeyState state, string verdict)
    {
        await using var bed = await CliBed.StartAsync();
        var (leaked, standby, file) = (bed.Put(KeySlot.Primary, state), bed.Put(KeySlot.Secondary), Path.Combine(_temp.FullName, "leak"));

        var run = await bed.RunAsync("leak", "--by-hand", "--no-new-key", "--refresh-interval", "00:00:01", "--report", file);

        Assert.Equal($"none: Google's last answer to …{leaked.Value[^4..]}: {verdict}", JsonNode.Parse(await File.ReadAllTextAsync($"{file}.json"))!["proof_that_it_stopped_working"]!.GetValue<string>());

        Assert.Equal("still_taken", JsonNode.Parse(await File.ReadAllTextAsync($"{file}.json"))!["outcome"]!.GetValue<string>());
        Assert.Contains($"But not all is done: Google {(verdict == "ok" ? "still takes" : "may still take")} the key …{leaked.Value[^4..]}; SECONDARY has no key of its own.", run.Errors, StringComparison.Ordinal);
        Assert.Equal((2, standby.Value[^4..]), (run.ExitCode, bed.IdOf(KeySlot.Primary)));
        Assert.DoesNotContain(bed.Vault.Versions(KeySlot.Primary.Secret()), version => version.Enabled && version.Value == leaked.Value);
        Assert.Contains($"Delete the key …{leaked.Value[^4..]} at https://aistudio.google.com/apikey", run.Errors, StringComparison.Ordinal);
        Assert.Contains("A new SECONDARY is due", run.Errors, StringComparison.Ordinal);
        Assert.Contains("az rest --method post", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leak_ByHandInATerminal_WaitsForTheDeletionAndSeesTheKeyDie()
    {
        await using var bed = await CliBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);

        var run = bed.Start(Screen.Endless, "leak", "--by-hand", "--no-new-key", "--refresh-interval", "00:00:01");
        await run.SaysAsync("Press Enter when that is done");
        leaked.State = SandboxKeyState.NotFound;
        await bed.EndAsync(run, "\n\n");

        run.AssertEnded(0);
        Assert.Contains($"Google refuses the key …{leaked.Value[^4..]}: key_invalid.", ScreenText.OneLine(run.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leak_AnotherKeyOfTheProjectEndsTheSame_IsNotDeletedInItsPlace()
    {
        await using var bed = await GoogleBed.StartAsync();
        var other = bed.Issue();
        var leaked = $"{other.Key.Value[..^5]}{(other.Key.Value[^5] == 'x' ? 'y' : 'x')}{other.Key.Value[^4..]}";
        bed.Cli.Gemini.AddKey(leaked);
        bed.Cli.Vault.Set(KeySlot.Primary.Secret(), leaked);
        bed.Cli.Put(KeySlot.Secondary);

        var run = await bed.Cli.RunAsync("leak", "--project", GoogleBed.Project, "--no-new-key", "--refresh-interval", "00:00:01");

        run.AssertEnded(2);
        Assert.Null(other.DeletedOn);
        Assert.Contains($"has no key …{leaked[^4..]}: it belongs to another project", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leak_NoPlaceForTheReplacementFile_WarnsAndKeepsTheRecord()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary, SandboxKeyState.Invalid);
        bed.Put(KeySlot.Secondary);
        bed.Environment["TMPDIR"] = Path.Combine(_temp.FullName, "nowhere");
        var file = Path.Combine(_temp.FullName, "leak");

        var run = await bed.RunProcessAsync("leak", "--by-hand", "--no-new-key", "--refresh-interval", "00:00:01", "--report", file);

        run.AssertEnded(0);
        Assert.Contains("Warning: The replacement file could not be written to", run.Errors, StringComparison.Ordinal);
        Assert.Contains("git filter-repo --replace-text FILE", run.Errors, StringComparison.Ordinal);
        var record = JsonNode.Parse(await File.ReadAllTextAsync($"{file}.json"))!;
        Assert.Equal(("done", "history"), (record["outcome"]!.GetValue<string>(), record["stages"]!.AsArray()[^1]!["stage"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Leak_NoStandby_TakesTheNewKeyFromStandardInput()
    {
        await using var bed = await CliBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        var fresh = bed.AddKey();

        var run = await bed.RunWithInputAsync(fresh.Value, "leak", "--by-hand", "--refresh-interval", "00:00:01");

        Assert.Equal((2, fresh.Value[^4..]), (run.ExitCode, bed.IdOf(KeySlot.Primary)));
        Assert.Contains($"No slot holds another key that passes its probe, so a new key is needed before …{leaked.Value[^4..]} can go.", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leak_ReplacementFile_IsTheOwnersAloneAndGoneAfterwards()
    {
        await using var bed = await CliBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary, SandboxKeyState.Invalid);
        bed.Put(KeySlot.Secondary);

        var run = bed.Start("leak", "--by-hand", "--no-new-key", "--refresh-interval", "00:00:01");
        await run.SaysAsync("The file is removed with the next line");
        var file = new FileInfo(ReplacementFile().Match(run.Errors).Groups[1].Value);
        var text = await File.ReadAllTextAsync(file.FullName);
        Assert.True(text == $"literal:{leaked.Value}==>REMOVED-GEMINI-API-KEY\n", "The file holds something else.");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
        }

        await bed.EndAsync(run);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("edgectl-leak-", file.Directory!.Name, StringComparison.Ordinal);
        Assert.False(Directory.Exists(file.DirectoryName));
        Assert.Contains("git remote add origin URL && git push --force --all origin && git push --force --tags origin", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "Azure reads the app's Key Vault references again.")]
    [InlineData(403, "(status 403): az rest --method post --url " + Site + "/config/configreferences/appsettings/refresh --url-parameters api-version=2022-03-01")]
    public async Task Leak_SiteIsNamed_AzureIsAskedToReadTheReferences(int status, string said)
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary, SandboxKeyState.Invalid);
        bed.Put(KeySlot.Secondary);
        await using var azure = await ScriptedAzure.StartAsync(status);
        bed.Environment["GEMINI_EDGE_MANAGEMENT_URL"] = azure.BaseUrl;

        var run = await bed.RunAsync("leak", "--by-hand", "--no-new-key", "--refresh-interval", "00:00:01", "--site", Site);

        Assert.Equal($"POST {Site}/config/configreferences/appsettings/refresh?api-version=2022-03-01", Assert.Single(azure.Requests));
        Assert.Contains(said, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leak_AgainAfterwards_DoesWhatIsLeft()
    {
        await using var bed = await GoogleBed.StartAsync();
        var leaked = bed.Issue(KeySlot.Primary);
        var standby = bed.Cli.Put(KeySlot.Secondary);
        var first = await bed.Cli.RunAsync("leak", "--by-hand", "--no-new-key", "--refresh-interval", "00:00:01");
        Assert.Equal((2, standby.Value[^4..]), (first.ExitCode, bed.Cli.IdOf(KeySlot.Primary)));

        var run = await bed.Cli.RunAsync("leak", "--project", GoogleBed.Project, "--refresh-interval", "00:00:01", "--json");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal((leaked.Key.Value[^4..], "key_invalid", standby.Value[^4..]),
            (run.Json["leaked_key_id"]!.GetValue<string>(), run.Json["leaked_key_verdict"]!.GetValue<string>(), bed.Cli.IdOf(KeySlot.Primary)));
        Assert.NotNull(leaked.DeletedOn);
        Assert.NotEqual(standby.Value[^4..], bed.Cli.IdOf(KeySlot.Secondary));
        Assert.Contains("was not touched: if it has leaked too", run.Json["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("git filter-repo --replace-text '", run.Errors, StringComparison.Ordinal);
    }

    // What Ctrl-C and SIGTERM do is `promote`'s test to show; a closed terminal is this one's.
    [Fact]
    public async Task Leak_TheTerminalIsClosedAfterTheVaultIsDone_RecordsItAndNamesTheCommandForTheRest()
    {
        await using var bed = await CliBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary, SandboxKeyState.Invalid).Value[^4..];
        var standby = bed.Put(KeySlot.Secondary).Value[^4..];
        bed.Environment["TMPDIR"] = _temp.FullName;
        var file = Path.Combine(_temp.FullName, "leak");
        var stopped = bed.StartProcess("leak", "--by-hand", "--no-new-key", "--refresh-interval", "00:00:01", "--report", file);
        while (!_temp.EnumerateFiles("replacements.txt", SearchOption.AllDirectories).Any())
        {
            Assert.False(stopped.HasExited, "It ended by itself.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        // It waits for a line now; its input stays open until it has gone.
        stopped.Signal("-HUP");
        await Eventually.IsAsync(() => stopped.HasExited);
        await bed.EndAsync(stopped);
        var rest = await bed.RunAsync("leak", "PRIMARY", "--by-hand", "--no-new-key", "--refresh-interval", "00:00:01", "--key-id", leaked);

        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains($"`edgectl leak PRIMARY --key-id {leaked}` does the rest", stopped.Errors, StringComparison.Ordinal);
        var record = JsonNode.Parse(await File.ReadAllTextAsync($"{file}.json"))!;
        Assert.Equal(("stopped", "key_invalid"), (record["outcome"]!.GetValue<string>(), record["leaked_key_verdict"]!.GetValue<string>()));
        Assert.Contains(record["slots_after"]!.AsArray(), slot => slot!["slot"]!.GetValue<string>() == "PRIMARY" && slot["key_id"]!.GetValue<string>() == standby);
        Assert.Contains(record["steps"]!.AsArray(), step => step!["text"]!.GetValue<string>().StartsWith("PRIMARY :=", StringComparison.Ordinal));
        Assert.Empty(_temp.EnumerateFileSystemInfos("edgectl-leak-*"));

        // By hand nobody knows the key any more, so that its end is unproven.
        Assert.Equal((2, standby), (rest.ExitCode, bed.IdOf(KeySlot.Primary)));
        Assert.Contains("The key's value is not known here any more", rest.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leak_IsStoppedWhileItWaitsForTheEdges_RecordsWhatItHadDone()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        var file = Path.Combine(_temp.FullName, "leak");
        var listed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Vault.AfterWrite = write =>
        {
            if (write.Request.SecretName == LeakedKeys.Secret)
            {
                bed.Time.TakesItsTime = true;
                listed.TrySetResult();
            }

            return Task.FromResult<KeyVaultFault?>(null);
        };
        var run = bed.Start("leak", "--by-hand", "--no-new-key", "--report", file);
        await listed.Task.WaitAsync(Patience.Limit);

        run.Interrupt();
        await bed.EndAsync(run);

        Assert.Equal(130, run.ExitCode);
        var record = JsonNode.Parse(await File.ReadAllTextAsync($"{file}.json"))!;
        Assert.StartsWith("Stopped.", record["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(record["steps"]!.AsArray(), step => step!["text"]!.GetValue<string>().StartsWith("PRIMARY :=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leak_DryRun_WritesNothing()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);

        var run = await bed.RunAsync("leak", "--dry-run", "--json");

        Assert.True(run.ExitCode == 0, $"{run.Output}\n{run.Errors}");
        Assert.Equal(0, bed.Vault.WriteCount);
        Assert.Contains(run.Json["steps"]!.AsArray(), step => step!.GetValue<string>().Contains("on the list of leaked keys", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--key-id", "not-four")]
    [InlineData("--site", "https://edge.example/")]
    public async Task Leak_OptionIsWrong_IsRefusedBeforeAnything(params string[] option)
    {
        await using var bed = await CliBed.StartAsync();
        var run = await bed.RunAsync(["leak", .. option]);

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Empty(bed.Vault.Requests);
    }

    [GeneratedRegex("git filter-repo --replace-text '(.+)'")]
    private static partial Regex ReplacementFile();
}
