using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.KeyVault;
using static GeminiEdge.Tests.Rotation.RotationCommands;

namespace GeminiEdge.Tests.Rotation;

/// <summary>Vaults whose policies want something of every secret that is written.</summary>
public class GovernedVaultTests
{
    [Theory]
    [MemberData(nameof(RotationCommands.Names), MemberType = typeof(RotationCommands))]
    public async Task AnyCommand_PolicySaysHowLong_LearnsItFromOneRefusal(string command)
    {
        await using var bed = await RotationBed.StartAsync();
        var before = await PrepareAsync(bed, command);
        bed.Vault.Policy = new() { ExpiryRequired = true, MaximumValidityInDays = 90 };
        bed.Vault.ClearRequests();

        var result = await RunAsync(bed.Operator(), bed, command);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Single(bed.Vault.Requests, request => request is { IsWrite: true, Status: 403 });
        var written = Written(bed, before);
        Assert.NotEmpty(written);
        Assert.All(written, version => Assert.NotNull(version.ExpiresOn));
        Assert.All(written, version => Assert.InRange((version.ExpiresOn!.Value - version.CreatedOn).TotalDays, IsOld(version) ? 0.99 : 89.9, IsOld(version) ? 1 : 90));
    }

    [Theory]
    [MemberData(nameof(RotationCommands.Names), MemberType = typeof(RotationCommands))]
    public async Task AnyCommand_PolicyDoesNotSayHowLong_Exits4AndChangesNothing(string command)
    {
        await using var bed = await RotationBed.StartAsync();
        await PrepareAsync(bed, command);
        bed.Vault.Policy = new() { ExpiryRequired = true };
        var writes = bed.Vault.WriteCount;

        var result = await RunAsync(bed.Operator(), bed, command);

        RotationBed.AssertEnded(RotationOutcome.AccessDenied, result);
        Assert.Contains("Key Vault secrets should have an expiration date", result.Message, StringComparison.Ordinal);
        Assert.Contains("--max-age", result.Message, StringComparison.Ordinal);
        Assert.Contains("--expires", result.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("role", result.Message, StringComparison.Ordinal);
        Assert.Equal(writes, bed.Vault.WriteCount);
    }

    [Theory]
    [MemberData(nameof(RotationCommands.Names), MemberType = typeof(RotationCommands))]
    public async Task AnyCommand_WithADay_GivesItToAllThatItWrites(string command)
    {
        await using var bed = await RotationBed.StartAsync();
        var before = await PrepareAsync(bed, command);
        bed.Vault.Policy = new() { ExpiryRequired = true, SaysWhat = false };
        var day = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

        var result = await RunAsync(bed.Operator(expires: day), bed, command);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.All(Written(bed, before), version => Assert.Equal(IsOld(version) ? version.CreatedOn.AddDays(1) : day, version.ExpiresOn));
    }

    [Fact]
    public async Task Set_WithADayAndAnAge_TheKeyHasTheDayAndTheLockTheAge()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Vault.Policy = new() { MaximumValidityInDays = 30 };
        var day = new DateTimeOffset(2026, 3, 20, 0, 0, 0, TimeSpan.Zero);

        RotationBed.AssertEnded(RotationOutcome.Done, await SetAsync(bed, bed.Operator(expires: day, maxAge: TimeSpan.FromDays(90))));

        Assert.Equal(day, bed.Vault.Latest(KeySlot.Secondary.Secret())!.ExpiresOn);

        // The policy's thirty days, although the operator would have let it live for ninety.
        Assert.InRange((bed.Vault.Latest(RotationRecord.Secret)!.ExpiresOn!.Value - bed.Vault.Latest(RotationRecord.Secret)!.CreatedOn).TotalDays, 29.9, 30);
    }

    [Fact]
    public async Task Set_DayThatIsTooFarAway_IsRefusedWithTheLongestThatIsNot()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Vault.Policy = new() { MaximumValidityInDays = 30 };

        var result = await SetAsync(bed, bed.Operator(expires: new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero)));

        RotationBed.AssertEnded(RotationOutcome.AccessDenied, result);
        Assert.Contains("with the expiry 2026-05-01", result.Message, StringComparison.Ordinal);
        Assert.Contains("--max-age 30d", result.Message, StringComparison.Ordinal);
        Assert.Equal(0, bed.Vault.WriteCount);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(20)]
    public async Task Set_SameKeyWithAnAge_IsWrittenAgainOnlyIfItWouldLiveLonger(int? days)
    {
        await using var bed = await RotationBed.StartAsync();
        var key = bed.Put(KeySlot.Secondary, expires: days is { } number ? bed.Time.GetUtcNow().AddDays(number) : null);

        var result = await bed.Operator(maxAge: TimeSpan.FromDays(30)).SetAsync(KeySlot.Secondary, ApiKey.Create(key).Key!, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal(days is null ? 2 : 1, bed.Vault.Versions(KeySlot.Secondary.Secret()).Count);
    }

    [Fact]
    public async Task Promote_SecondarysOwnDayIsTooFarAway_IsShortenedForTheNewPrimary()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary, expires: bed.Time.GetUtcNow().AddDays(700));
        bed.Vault.Policy = new() { MaximumValidityInDays = 90 };

        RotationBed.AssertEnded(RotationOutcome.Done, await RunAsync(bed.Operator(), bed, "promote"));

        Assert.InRange((bed.Vault.Latest(KeySlot.Primary.Secret())!.ExpiresOn!.Value - bed.Time.GetUtcNow()).TotalDays, 89.9, 90);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Promote_PolicyAllowsNoExpiryTomorrow_OldLivesLongerButItsDayDoesNot(bool saysWhat)
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Vault.Policy = new() { ExpiryRequired = true, MinimumDaysBeforeExpiration = 30, SaysWhat = saysWhat };
        var rotator = bed.Operator(maxAge: TimeSpan.FromDays(60));

        RotationBed.AssertEnded(RotationOutcome.Done, await RunAsync(rotator, bed, "promote"));
        var old = bed.Vault.Latest(KeySlot.Old.Secret())!;
        var early = await rotator.PurgeAsync(default);
        bed.Time.Advance(TimeSpan.FromHours(25));
        var due = await rotator.PurgeAsync(default);

        Assert.True(old.ExpiresOn >= old.CreatedOn.AddDays(30));
        RotationBed.AssertEnded(RotationOutcome.Done, early);
        Assert.Contains("is kept until", early.Message, StringComparison.Ordinal);
        RotationBed.AssertEnded(RotationOutcome.Done, due);
        Assert.Equal((null, "empty"), (bed.Value(KeySlot.Old), bed.StateTag(KeySlot.Old)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnyCommand_PolicyWantsAContentType_GivesOne(bool saysWhat)
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Vault.Policy = new() { ExpiryRequired = true, ContentTypeRequired = true, SaysWhat = saysWhat };

        RotationBed.AssertEnded(RotationOutcome.Done, await SetAsync(bed, bed.Operator(maxAge: TimeSpan.FromDays(30))));

        Assert.All(bed.Vault.Names, name => Assert.Equal("text/plain", bed.Vault.Latest(name)!.ContentType));
    }

    [Fact]
    public async Task Leak_PolicyIsInTheWayOfChangesToo_OldVersionsAreDisabledAllTheSame()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Time.Advance(TimeSpan.FromDays(200));
        bed.Put(KeySlot.Primary, leaked);
        bed.Put(KeySlot.Secondary);
        bed.Vault.Policy = new() { MaximumValidityInDays = 90, AppliesToUpdates = true };

        var result = await bed.Operator().LeakAsync(KeySlot.Primary, null, null, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.DoesNotContain(leaked, bed.Values());
    }

    [Fact]
    public async Task LeakedListAndLock_PastTheirExpiry_CountAsBefore()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Vault.Policy = new() { MaximumValidityInDays = 30 };
        RotationBed.AssertEnded(RotationOutcome.Done, await bed.Operator().LeakAsync(KeySlot.Primary, null, null, default));

        bed.Time.Advance(TimeSpan.FromDays(60));
        Assert.All([LeakedKeys.Secret, RotationRecord.Secret], name => Assert.True(bed.Vault.Latest(name)!.ExpiresOn < bed.Time.GetUtcNow()));
        bed.Put(KeySlot.Slot3, leaked);

        var again = await bed.Operator().SetAsync(KeySlot.Secondary, ApiKey.Create(leaked).Key!, default);
        RotationBed.AssertEnded(RotationOutcome.Refused, again);
        Assert.Contains("list of leaked keys", again.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(leaked, await bed.RingAsync());
    }

    [Theory]
    [InlineData(KeyVaultRole.None, "get")]
    [InlineData(KeyVaultRole.SecretsUser, "set")]
    public async Task AnyCommand_VaultOfAccessPolicies_NamesThePermissionAndWhoGivesIt(KeyVaultRole role, string permission)
    {
        await using var bed = await RotationBed.StartAsync(byAccessPolicies: true);
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);

        var read = await bed.Operator(role: role).ReadAsync(default);
        var result = role == KeyVaultRole.None ? read.Failure! : await RunAsync(bed.Operator(role: role), bed, "promote");

        RotationBed.AssertEnded(RotationOutcome.AccessDenied, result);
        Assert.Contains("access policies", result.Message, StringComparison.Ordinal);
        Assert.Matches($"the secret permission ({permission}|list):", result.Message);
        Assert.Contains("az keyvault set-policy", result.Message, StringComparison.Ordinal);
        Assert.Contains("get list set", result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Secrets Officer", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotation_NoPolicyAndNoWish_OnlyOldExpires()
    {
        await using var bed = await RotationBed.StartAsync();
        var before = await PrepareAsync(bed, "promote");

        RotationBed.AssertEnded(RotationOutcome.Done, await RunAsync(bed.Operator(), bed, "promote"));

        Assert.All(Written(bed, before), version => Assert.Equal(IsOld(version), version.ExpiresOn is not null));
        Assert.All(Written(bed, before), version => Assert.Null(version.ContentType));
    }
}
