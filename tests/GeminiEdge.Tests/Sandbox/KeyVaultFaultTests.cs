using Azure;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Sandbox;

public class KeyVaultFaultTests
{
    public static TheoryData<KeyVaultFault, int, string, string?> Faults => new()
    {
        { KeyVaultFault.Unavailable503, 503, "ServiceUnavailable", null },
        { KeyVaultFault.Throttled429, 429, "Throttled", "1" },
        { KeyVaultFault.ThrottledFor(TimeSpan.FromSeconds(7)), 429, "Throttled", "7" },
        { KeyVaultFault.ThrottledFor(null), 429, "Throttled", null },
        { KeyVaultFault.Forbidden403, 403, "Forbidden", null },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task Fault_OfTheVault_IsAnsweredUntilItEnds(KeyVaultFault fault, int status, string code, string? retryAfter)
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();
        bed.Vault.Set("key", "value");
        bed.Vault.Fault = fault;

        var failure = await KeyVaultBed.FailAsync(() => client.GetSecretAsync("key"));
        Assert.Equal((status, code), (failure.Status, failure.Code));
        Assert.Equal(retryAfter, failure.Error.GetRawResponse()!.Headers.TryGetValue("Retry-After", out var wait) ? wait : null);

        bed.Vault.Fault = KeyVaultFault.None;
        Assert.Equal("value", (await client.GetSecretAsync("key")).Value.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Outage_WhileConnected_ResetsConnectionsUntilItEnds(bool throughProxy)
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client(throughProxy: throughProxy);
        bed.Vault.Set("key", "value");
        await client.GetSecretAsync("key");
        bed.Vault.ClearRequests();

        bed.Vault.Fault = KeyVaultFault.Outage;

        await AssertConnectionFailsAsync(() => client.GetSecretAsync("key"));
        Assert.Empty(bed.Vault.Requests);

        bed.Vault.Fault = KeyVaultFault.None;
        Assert.Equal("value", (await client.GetSecretAsync("key")).Value.Value);
    }

    [Fact]
    public async Task SlowBy_OnTheSandboxesClock_AnswersWhenTheTimeHasPassed()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();
        bed.Vault.Set("key", "value");
        await client.GetSecretAsync("key");
        bed.Vault.Fault = KeyVaultFault.SlowBy(TimeSpan.FromSeconds(30));
        var start = bed.Time.GetUtcNow();

        var reading = client.GetSecretAsync("key");
        while (!reading.IsCompleted)
        {
            bed.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal("value", (await reading).Value.Value);
        Assert.True(bed.Time.GetUtcNow() - start >= TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task HeldUntil_TaskEnds_AnswersThen()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();
        bed.Vault.Set("key", "value");
        await client.GetSecretAsync("key");
        var arrived = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        bed.Vault.OnRequest = _ =>
        {
            arrived.SetResult();
            return KeyVaultFault.HeldUntil(released.Task);
        };

        var reading = client.GetSecretAsync("key");
        await arrived.Task;
        Assert.False(reading.IsCompleted);
        released.SetResult();

        Assert.Equal("value", (await reading).Value.Value);
    }

    [Fact]
    public async Task DisposeAsync_RequestIsHeld_EndsIt()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var arrived = new TaskCompletionSource();
        bed.Vault.OnRequest = _ =>
        {
            arrived.SetResult();
            return KeyVaultFault.SlowBy(TimeSpan.FromDays(1));
        };
        var reading = bed.Client().GetSecretAsync("key");
        await arrived.Task;

        await bed.Vault.DisposeAsync();

        await Assert.ThrowsAsync<RequestFailedException>(() => reading);
    }

    [Fact]
    public async Task OnRequest_OfOneSecret_LeavesTheOthersAndOtherOperationsWorking()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();
        bed.Vault.Set("key", "value");
        bed.Vault.Set("other", "value");
        bed.Vault.OnRequest = request => request is { Operation: KeyVaultOperation.Get, SecretName: "key" } ? KeyVaultFault.Unavailable503 : null;

        Assert.Equal(503, (await KeyVaultBed.FailAsync(() => client.GetSecretAsync("key"))).Status);
        await client.GetSecretAsync("other");
        await client.SetSecretAsync("key", "new");
    }

    [Fact]
    public async Task BeforeWrite_LosesTheWrite_NothingHappened()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        bed.Vault.BeforeWrite = _ => Task.FromResult<KeyVaultFault?>(KeyVaultFault.Outage);

        await AssertConnectionFailsAsync(() => bed.Client().SetSecretAsync("key", "value"));

        Assert.Equal((0, 0), (bed.Vault.Versions("key").Count, bed.Vault.WriteCount));
    }

    [Fact]
    public async Task AfterWrite_StopsTheWorld_TheWriteStandsAndNothingFollows()
    {
        await using var bed = await KeyVaultBed.StartAsync();
        var client = bed.Client();
        var writes = new List<string>();
        bed.Vault.AfterWrite = write =>
        {
            writes.Add($"{write.Number} {write.Request.Operation} {write.Result!.Name}");
            bed.Vault.Fault = write.Number == 2 ? KeyVaultFault.Outage : KeyVaultFault.None;
            return Task.FromResult<KeyVaultFault?>(null);
        };

        await client.SetSecretAsync("first", "value");

        await AssertConnectionFailsAsync(() => client.SetSecretAsync("second", "value"));
        await AssertConnectionFailsAsync(() => client.SetSecretAsync("third", "value"));

        Assert.Equal(["1 Set first", "2 Set second"], writes);
        Assert.Equal(["first", "second"], bed.Vault.Names);
    }

    /// <summary>No answer: the SDK's failure without a status, or the bare SocketException of a connection reset before its first use.</summary>
    private static async Task AssertConnectionFailsAsync(Func<Task> call)
    {
        var failure = await Record.ExceptionAsync(call);
        Assert.True(failure is RequestFailedException { Status: 0 } or System.Net.Sockets.SocketException, $"{failure}");
    }
}
