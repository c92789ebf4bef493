using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.GoogleApiKeys;

namespace GeminiEdge.Tests.Cli;

public class RetireCommandTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retire_KeyOfNoSlot_IsDeletedAndSeenToDie(bool byName)
    {
        await using var bed = await GoogleBed.StartAsync(operationTime: TimeSpan.FromSeconds(1), diesAfter: TimeSpan.FromSeconds(4));
        bed.Cli.Put(KeySlot.Primary);
        bed.Google.Options.OperationTime = TimeSpan.Zero;
        var (other, old) = (bed.Issue(), bed.Issue());
        bed.Google.Options.OperationTime = TimeSpan.FromSeconds(1);
        bed.Google.Options.PageSize = 1;

        var run = await bed.Cli.RunAsync(Retire(["--json", .. byName ? new[] { "--key", old.Name } : ["--project", GoogleBed.Project, "--", old.Key.Value[^4..]]]));

        Assert.Equal((0, old.Key.Value[^4..]), (run.ExitCode, run.Json["key_id"]!.GetValue<string>()));
        Assert.Equal((true, false), (old.DeletedOn is not null, other.DeletedOn is not null));
        Assert.Equal(SandboxKeyState.NotFound, old.Key.State);
        Assert.Contains("still answers", run.Errors, StringComparison.Ordinal);
        Assert.Contains("undelete", run.Json["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PRIMARY")]
    [InlineData("9")]
    [InlineData("OLD")]
    public async Task Retire_ASlotHoldsIt_IsRefusedAndNamesTheSlot(string name)
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Cli.Put(KeySlot.Secondary);
        var old = bed.Issue(into: KeySlots.Parse(name));

        var run = await bed.Cli.RunAsync(Retire("--key", old.Name));

        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Contains($"{name} still holds the key …{old.Key.Value[^4..]}", run.Errors, StringComparison.Ordinal);
        AssertUntouched(bed, old);
    }

    [Fact]
    public async Task Retire_StoredWhileItWasProbed_IsRefused()
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Cli.Put(KeySlot.Primary);
        var old = bed.Issue();
        bed.Cli.Gemini.OnRequest = _ =>
        {
            bed.Cli.Vault.Set(KeySlot.Slot3.Secret(), old.Key.Value);
            return Task.FromResult(false);
        };

        var run = await bed.Cli.RunAsync(Retire("--key", old.Name));

        Assert.Equal(3, run.ExitCode);
        AssertUntouched(bed, old);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SandboxKeyState.Leaked)]
    public async Task Retire_NoOtherKeyWorks_IsRefused(SandboxKeyState? primary)
    {
        await using var bed = await GoogleBed.StartAsync();
        if (primary is { } state)
        {
            bed.Cli.Put(KeySlot.Primary, state);
        }

        // What stands in OLD alone is no key to live on.
        bed.Cli.Put(KeySlot.Old);
        var old = bed.Issue();

        var run = await bed.Cli.RunAsync(Retire("--key", old.Name));

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("No slot holds a key that passes its probe", run.Errors, StringComparison.Ordinal);
        AssertUntouched(bed, old);
    }

    [Fact]
    public async Task Retire_DryRun_ChecksAndDeletesNothing()
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Cli.Put(KeySlot.Primary);
        var old = bed.Issue();

        var run = await bed.Cli.RunAsync("retire", "--key", old.Name, "--dry-run");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"would: delete the key …{old.Key.Value[^4..]} at Google ({old.Name.Split('/')[^1]})", run.Output, StringComparison.Ordinal);
        AssertUntouched(bed, old);
    }

    [Theory]
    [InlineData(false, 1, "code 13")]
    [InlineData(true, 4, "roles/serviceusage.apiKeysAdmin")]
    public async Task Retire_DeletionFails_SaysWhy(bool denied, int exitCode, string why)
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Cli.Put(KeySlot.Primary);
        var old = bed.Issue();
        bed.Google.OnRequest = request => request.Operation == GoogleApiKeysOperation.Delete ? GoogleApiKeysFault.FailedOperation : null;
        bed.Google.SetRole(GoogleBed.Project, GoogleBed.Account, denied ? GoogleApiKeysRole.ApiKeysViewer : GoogleApiKeysRole.ApiKeysAdmin);

        var run = await bed.Cli.RunAsync(Retire("--key", old.Name));

        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.Contains(why, run.Errors, StringComparison.Ordinal);
        Assert.Null(old.DeletedOn);
    }

    [Fact]
    public async Task Retire_KeyThatIsGone_SaysSo()
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Cli.Put(KeySlot.Primary);
        var old = bed.Issue();
        Assert.Equal(0, (await bed.Cli.RunAsync(Retire("--key", old.Name))).ExitCode);

        var again = await bed.Cli.RunAsync(Retire("--key", old.Name));
        var unknown = await bed.Cli.RunAsync(Retire("--project", GoogleBed.Project, "--", old.Key.Value[^4..]));

        Assert.Equal((0, 3), (again.ExitCode, unknown.ExitCode));
        Assert.Contains("is deleted already", again.Output, StringComparison.Ordinal);
        Assert.Contains("has no key …", unknown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retire_ByHand_SaysWhereToDeleteUnlessASlotHoldsIt()
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.SignOut();
        var primary = bed.Cli.Put(KeySlot.Primary);
        var old = bed.Cli.AddKey();

        var free = await bed.Cli.RunAsync(Retire("--", old.Value[^4..]));
        var held = await bed.Cli.RunAsync(Retire("--", primary.Value[^4..]));

        Assert.Equal((0, 3), (free.ExitCode, held.ExitCode));
        Assert.Contains($"Delete the key …{old.Value[^4..]} at https://aistudio.google.com/apikey", free.Output, StringComparison.Ordinal);
        Assert.Contains("PRIMARY still holds", held.Errors, StringComparison.Ordinal);
        Assert.Equal(0, old.RequestCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retire_GoogleFailsForAMoment_IsTriedAgain(bool answerIsLost)
    {
        await using var bed = await GoogleBed.StartAsync();
        var primary = bed.Cli.Put(KeySlot.Primary);
        var old = bed.Issue();
        bed.Cli.Gemini.OnRequest = _ =>
        {
            primary.State = primary.RequestCount > 1 ? SandboxKeyState.Working : SandboxKeyState.Overloaded;
            return Task.FromResult(false);
        };
        var deletions = 0;
        bed.Google.OnRequest = request => request.Operation == GoogleApiKeysOperation.Delete && ++deletions == 1
            ? answerIsLost ? GoogleApiKeysFault.LostAnswer : GoogleApiKeysFault.Unavailable503
            : null;

        var run = await bed.Cli.RunAsync(Retire("--key", old.Name));

        run.AssertEnded(0);
        Assert.Equal((2, true), (deletions, old.DeletedOn is not null));
        Assert.Contains("overloaded; once more in 5 s.", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SandboxKeyState.Working)]
    [InlineData(SandboxKeyState.IpBlocked)]
    public async Task Retire_ByHandAndWaiting_ProbesUntilItIsGone(SandboxKeyState before)
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Cli.Put(KeySlot.Primary);
        var old = bed.Cli.AddKey();
        bed.Cli.Gemini.OnRequest = _ =>
        {
            // Somebody deletes it after the first probe.
            old.State = old.RequestCount > 1 ? SandboxKeyState.NotFound : before;
            return Task.FromResult(false);
        };

        var run = await bed.Cli.RunWithInputAsync(old.Value, Retire("--by-hand", "--wait"));

        Assert.Equal((0, 2), (run.ExitCode, old.RequestCount));
        Assert.Contains("is retired", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Name the key", "retire")]
    [InlineData("use one of them", "retire", "abcd", "--key", "projects/p/locations/global/keys/k")]
    [InlineData("last four characters of the key, and no more", "retire", "AIzaSyD-0neKeyOnItsOwnLine_1234567890")]
    [InlineData("is a resource name", "retire", "--key", "projects/p/keys/../k")]
    public async Task Retire_WrongArgument_Exits64AndDoesNotQuoteIt(string why, params string[] arguments)
    {
        await using var bed = await GoogleBed.StartAsync();

        var run = await bed.Cli.RunAsync(arguments);

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Contains(why, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("AIza", run.Errors, StringComparison.Ordinal);
    }

    private static string[] Retire(params string[] arguments) => ["retire", "--refresh-interval", "00:00:01", .. arguments];

    private static void AssertUntouched(GoogleBed bed, GoogleApiKey key)
    {
        Assert.Null(key.DeletedOn);
        Assert.DoesNotContain(bed.Google.Requests, request => request.Operation == GoogleApiKeysOperation.Delete);
    }
}
