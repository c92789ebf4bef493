using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.GoogleApiKeys;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Cli;

public class IssueCommandTests
{
    private static readonly string[] Issue = ["issue", "--project", GoogleBed.Project];

    [Fact]
    public async Task Issue_SlowAndNotKnownAtFirst_WaitsAndStoresTheStandby()
    {
        await using var bed = await GoogleBed.StartAsync(operationTime: TimeSpan.FromSeconds(1.5), unknownFor: TimeSpan.FromSeconds(9));
        bed.SignIn(bed.Google.AddServiceAccount(GoogleBed.Account, GoogleBed.Project));

        var run = await bed.Cli.RunAsync([.. Issue, "--service-account", "edge@edge-keys.iam.gserviceaccount.com", "--display-name", "standby", "--json"]);

        var key = Assert.Single(bed.Google.Keys);
        Assert.Equal((0, "done"), (run.ExitCode, run.Json["outcome"]!.GetValue<string>()));
        Assert.Equal((key.Key.Value[^4..], key.Name.Split('/')[^1]), (run.Json["key_id"]!.GetValue<string>(), run.Json["google_key"]!.GetValue<string>().Split('/')[^1]));
        Assert.Equal(key.Key.Value, bed.Cli.Vault.Latest(KeySlot.Secondary.Secret())!.Value);
        Assert.Equal(("standby", "edge@edge-keys.iam.gserviceaccount.com"), (key.DisplayName, key.ServiceAccountEmail));
        Assert.Equal(["generativelanguage.googleapis.com"], key.ApiTargets);
        Assert.Equal("sandbox.vault.azure.net", key.Annotations["vault"]);
        Assert.True(key.Key.RequestCount > 1, "it was probed only when it worked");
        Assert.Contains("as a new key may be", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("mistyped", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_StandbyIsThere_SaysWhichKeyIsNobodysNow()
    {
        await using var bed = await GoogleBed.StartAsync();
        var former = bed.Cli.Put(KeySlot.Secondary);

        var run = await bed.Cli.RunAsync(Issue);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"{former.Value[^4..]}` deletes it at Google", run.Errors, StringComparison.Ordinal);
        Assert.Contains("SECONDARY := the new key", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_DryRun_AsksForPermissionAndMakesNothing()
    {
        await using var bed = await GoogleBed.StartAsync();

        var run = await bed.Cli.RunAsync([.. Issue, "--dry-run"]);

        Assert.Equal((0, 0), (run.ExitCode, bed.Cli.Vault.WriteCount));
        Assert.Equal([GoogleApiKeysOperation.List], bed.Google.Requests.Select(request => request.Operation));
        Assert.Contains("would: create the key geminiedge-", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GoogleApiKeysRole.None, true, "roles/serviceusage.apiKeysAdmin on the project edge-keys")]
    [InlineData(GoogleApiKeysRole.ApiKeysViewer, true, "roles/serviceusage.apiKeysAdmin on the project edge-keys")]
    [InlineData(GoogleApiKeysRole.ApiKeysAdmin, false, "`gcloud services enable apikeys.googleapis.com --project=700000000001`")]
    public async Task Issue_MayNot_Exits4AndSaysWhatIsMissing(GoogleApiKeysRole role, bool enabled, string what)
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.SignIn(bed.Google.AddServiceAccount(GoogleBed.Account, GoogleBed.Project));
        bed.Google.SetRole(GoogleBed.Project, GoogleBed.Account, role);
        bed.Google.AddProject(GoogleBed.Project, enabled);

        var run = await bed.Cli.RunAsync(Issue);

        Assert.Equal((4, "", 0), (run.ExitCode, run.Output, bed.Cli.Vault.WriteCount));
        Assert.Contains(what, run.Errors, StringComparison.Ordinal);
        Assert.Contains("No key was made", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, GoogleApiKeysRole.ApiKeysAdmin, 0, "")]
    [InlineData("edge-billing", GoogleApiKeysRole.None, 4, "roles/serviceusage.serviceUsageConsumer")]
    public async Task Issue_AsAPerson_CountsAgainstTheCredentialsProjectOrElseTheKeys(string? quotaProject, GoogleApiKeysRole role, int exitCode, string what)
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Google.AddProject("edge-billing");
        bed.Google.SetRole("edge-billing", "anna", role);
        bed.Google.SetRole(GoogleBed.Project, "anna", GoogleApiKeysRole.ApiKeysAdmin);
        bed.SignIn(bed.Google.AddUser("anna", quotaProject));

        var run = await bed.Cli.RunAsync(Issue);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(what, run.Errors, StringComparison.Ordinal);
        Assert.All(bed.Google.Requests, request => Assert.Equal(quotaProject ?? GoogleBed.Project, request.QuotaProject));
    }

    [Fact]
    public async Task Issue_CredentialsRevokedOrBroken_Exits4()
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.SignIn(bed.Google.AddServiceAccount(GoogleBed.Account, GoogleBed.Project));
        var former = bed.Cli.Environment["GOOGLE_APPLICATION_CREDENTIALS"];
        var old = await File.ReadAllTextAsync(former);
        bed.Google.AddServiceAccount(GoogleBed.Account, GoogleBed.Project);
        bed.SignIn(old);
        var revoked = await bed.Cli.RunAsync(Issue);
        bed.SignIn("{");
        var broken = await bed.Cli.RunProcessAsync(Issue);

        Assert.Equal((4, 4), (revoked.ExitCode, broken.ExitCode));
        Assert.All([revoked, broken], run => Assert.Contains("`gcloud auth application-default login`", run.Errors, StringComparison.Ordinal));
        Assert.Empty(bed.Google.Keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Issue_CreationFailsOrItsAnswerIsLost_LeavesNoKeyAndNothingWritten(bool lost)
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Google.OnRequest = request => request.Operation != GoogleApiKeysOperation.Create ? null
            : lost ? GoogleApiKeysFault.LostAnswer : GoogleApiKeysFault.FailedOperation;

        var run = await bed.Cli.RunAsync(Issue);

        Assert.Equal((1, "", 0), (run.ExitCode, run.Output, bed.Cli.Vault.WriteCount));
        Assert.Equal(lost ? 1 : 0, bed.Google.Keys.Count);
        Assert.All(bed.Google.Keys, key => Assert.NotNull(key.DeletedOn));
        Assert.Contains(lost ? "is deleted at Google again" : "No key was made", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_KeyFailsItsProbe_IsRefusedAndTakenBack()
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Google.OnRequest = request =>
        {
            if (request.Operation == GoogleApiKeysOperation.GetKeyString)
            {
                bed.Google.Keys[^1].Key.State = SandboxKeyState.ServiceDisabled;
            }

            return null;
        };

        var run = await bed.Cli.RunAsync([.. Issue, "--json"]);

        var key = Assert.Single(bed.Google.Keys);
        Assert.Equal((3, "refused"), (run.ExitCode, run.Json["outcome"]!.GetValue<string>()));
        Assert.Contains("is deleted at Google again", run.Json["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(key.DeletedOn);
        Assert.Null(bed.Cli.IdOf(KeySlot.Secondary));
    }

    [Fact]
    public async Task Issue_CannotBeTakenBack_NamesWhatIsLeftOver()
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Google.OnRequest = request => request.Operation switch
        {
            GoogleApiKeysOperation.GetKeyString or GoogleApiKeysOperation.Delete => GoogleApiKeysFault.Unavailable503,
            _ => null,
        };

        var run = await bed.Cli.RunAsync(Issue);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"`edgectl retire --key projects/edge-keys/locations/global/keys/{bed.Google.Keys[0].Name.Split('/')[^1]}`", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Issue_WhatWasMadeIsNotFound_DoesNotSayThatNoKeyWasMade(bool lostBefore, bool isGoogles)
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Google.OnRequest = request => request.Operation switch
        {
            GoogleApiKeysOperation.Create => lostBefore ? GoogleApiKeysFault.LostAnswer : null,
            _ => isGoogles ? GoogleApiKeysFault.NotFound404 : GoogleApiKeysFault.NoSuchPage404,
        };

        var run = await bed.Cli.RunAsync(Issue);

        var key = Assert.Single(bed.Google.Keys);
        Assert.Equal((1, "", null), (run.ExitCode, run.Output, key.DeletedOn));
        Assert.Contains($"{(isGoogles ? "if it shows up, " : "")}`edgectl retire --key projects/edge-keys/locations/global/keys/{key.Name.Split('/')[^1]}` deletes it", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("No key was made", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_OperationCanNotBeRead_DoesNotSayThatNoKeyWasMade()
    {
        await using var bed = await GoogleBed.StartAsync(operationTime: TimeSpan.FromSeconds(1));
        bed.Google.OnRequest = request =>
        {
            if (request.Operation == GoogleApiKeysOperation.GetOperation)
            {
                bed.Google.AddProject(GoogleBed.Project, apiEnabled: false);
            }

            return null;
        };

        var run = await bed.Cli.RunAsync(Issue);

        Assert.Equal(4, run.ExitCode);
        Assert.Contains("may be left over at Google", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("No key was made", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_VaultLosesTheAnswerOfTheWrite_KeepsTheKeyThatASlotHolds()
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Cli.Vault.AfterWrite = write => Task.FromResult(write.Request.SecretName == KeySlot.Secondary.Secret() ? KeyVaultFault.Outage : null);

        var run = await bed.Cli.RunAsync(Issue);

        var key = Assert.Single(bed.Google.Keys);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Equal(key.Key.Value[^4..], bed.Cli.IdOf(KeySlot.Secondary));
        Assert.Null(key.DeletedOn);
        Assert.Contains("holds the new key all the same", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_Stopped_TakesTheKeyBack()
    {
        await using var bed = await GoogleBed.StartAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Google.OnRequest = request =>
        {
            if (request.Operation == GoogleApiKeysOperation.GetKeyString)
            {
                bed.Google.Keys[^1].Key.State = SandboxKeyState.Silent;
            }

            return null;
        };
        bed.Cli.Gemini.OnRequest = _ =>
        {
            asked.TrySetResult();
            return Task.FromResult(false);
        };

        var run = bed.Cli.Start(Issue);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        run.Interrupt();
        await bed.Cli.EndAsync(run);

        Assert.Equal(130, run.ExitCode);
        Assert.NotNull(Assert.Single(bed.Google.Keys).DeletedOn);
        Assert.Null(bed.Cli.IdOf(KeySlot.Secondary));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Issue_ByHand_SaysTheStepsAndStoresThePastedKey(bool asked)
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.SignOut();
        var key = bed.Cli.AddKey();

        // Whether there are credentials, the library finds out in many places.
        CliRun started = asked ? bed.Cli.Start("issue", "--by-hand", "--json") : bed.Cli.StartProcess("issue", "--json");
        var run = await bed.Cli.EndAsync(started, $"{key.Value}\n");

        Assert.Equal((0, key.Value[^4..]), (run.ExitCode, run.Json["key_id"]!.GetValue<string>()));
        Assert.Equal(key.Value[^4..], bed.Cli.IdOf(KeySlot.Secondary));
        Assert.Contains("https://aistudio.google.com/apikey", run.Errors, StringComparison.Ordinal);
        Assert.Equal(!asked, run.Errors.Contains("`gcloud auth application-default login`", StringComparison.Ordinal));
        Assert.Empty(bed.Google.Requests);
    }

    [Theory]
    [InlineData("No project is named", "issue")]
    [InlineData("project is a Google Cloud project's id", "issue", "--project", "../../keys")]
    [InlineData("--service-account is a service account's address", "issue", "--project", "edge-keys", "--service-account", "anna@example.com")]
    public async Task Issue_WrongOption_Exits64(string why, params string[] arguments)
    {
        await using var bed = await GoogleBed.StartAsync();

        var run = await bed.Cli.RunAsync(arguments);

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Contains(why, run.Errors, StringComparison.Ordinal);
        Assert.Empty(bed.Google.Requests);
    }

    [Fact]
    public async Task Issue_AddressInTheClearElsewhere_Exits64()
    {
        await using var bed = await GoogleBed.StartAsync();
        bed.Cli.Environment["GEMINI_EDGE_APIKEYS_URL"] = "http://apikeys.example.com/";

        Assert.Equal(64, (await bed.Cli.RunAsync(Issue)).ExitCode);
    }
}
