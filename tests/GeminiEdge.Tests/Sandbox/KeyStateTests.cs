using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Sandbox;

public class KeyStateTests
{
    [Theory]
    [InlineData(SandboxKeyState.Working, 200, null)]
    [InlineData(SandboxKeyState.Invalid, 400, "API_KEY_INVALID")]
    [InlineData(SandboxKeyState.NotFound, 400, "API_KEY_INVALID")]
    [InlineData(SandboxKeyState.Expired, 400, "API_KEY_INVALID")]
    [InlineData(SandboxKeyState.InvalidAuthKey, 401, "ACCESS_TOKEN_TYPE_UNSUPPORTED")]
    [InlineData(SandboxKeyState.Leaked, 403, null)]
    [InlineData(SandboxKeyState.Blocked, 403, "API_KEY_SERVICE_BLOCKED")]
    [InlineData(SandboxKeyState.ReferrerBlocked, 403, "API_KEY_HTTP_REFERRER_BLOCKED")]
    [InlineData(SandboxKeyState.IpBlocked, 403, "API_KEY_IP_ADDRESS_BLOCKED")]
    [InlineData(SandboxKeyState.ServiceDisabled, 403, "SERVICE_DISABLED")]
    [InlineData(SandboxKeyState.ProjectDenied, 403, null)]
    [InlineData(SandboxKeyState.Suspended, 403, "CONSUMER_SUSPENDED")]
    [InlineData(SandboxKeyState.BillingDisabled, 403, "BILLING_DISABLED")]
    [InlineData(SandboxKeyState.Forbidden, 403, null)]
    [InlineData(SandboxKeyState.LocationUnsupported, 400, null)]
    [InlineData(SandboxKeyState.PrepayDepleted, 402, null)]
    [InlineData(SandboxKeyState.SpendCap, 429, null)]
    [InlineData(SandboxKeyState.QuotaMinute, 429, null)]
    [InlineData(SandboxKeyState.QuotaDay, 429, null)]
    [InlineData(SandboxKeyState.QuotaNone, 429, null)]
    [InlineData(SandboxKeyState.QuotaTokens, 429, null)]
    [InlineData(SandboxKeyState.QuotaUnknown, 429, null)]
    [InlineData(SandboxKeyState.ModelClosed, 404, null)]
    [InlineData(SandboxKeyState.Internal, 500, null)]
    [InlineData(SandboxKeyState.Overloaded, 503, null)]
    [InlineData(SandboxKeyState.DeadlineExceeded, 504, null)]
    public async Task Generate_KeyInState_AnswersItsStatusAndReason(SandboxKeyState state, int status, string? reason)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(state: state));

        Assert.Equal(status, reply.Status);
        Assert.Equal(reason, status == 200 ? null : reply.Reason);
    }

    [Fact]
    public async Task Generate_FrontEndForbidden_AnswersHtml()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(state: SandboxKeyState.FrontEndForbidden));

        Assert.Equal((403, "text/html"), (reply.Status, reply.ContentType));
    }

    [Theory]
    [InlineData(SandboxKeyState.PrepayDepleted, 200)]
    [InlineData(SandboxKeyState.QuotaDay, 200)]
    [InlineData(SandboxKeyState.Invalid, 400)]
    public async Task ListModels_KeyCannotGenerate_StillAnswersUnlessTheKeyIsRefused(SandboxKeyState state, int status)
    {
        await using var client = await SandboxClient.StartAsync();

        Assert.Equal(status, (await client.GetAsync("/v1beta/models", client.Sandbox.AddKey(state: state))).Status);
    }

    [Fact]
    public async Task SetState_OfOneModel_LeavesTheOthersWorking()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        key.SetState(SandboxClient.Model, SandboxKeyState.QuotaMinute);

        Assert.Equal(429, (await client.GenerateAsync(key)).Status);
        Assert.Equal(200, (await client.PostAsync("/v1beta/models/gemini-pro-latest:generateContent", SandboxClient.Prompt, key)).Status);
    }

    [Fact]
    public async Task QuotaMinute_RetryDelay_IsExactInTheMessageAndTruncatedInTheDetails()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey(state: SandboxKeyState.QuotaMinute);
        key.RetryDelay = TimeSpan.FromSeconds(7.5);

        var reply = await client.GenerateAsync(key);

        Assert.EndsWith("Please retry in 7.5s.", reply.Message, StringComparison.Ordinal);
        Assert.Contains("\"retryDelay\": \"7s\"", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_UnknownModel_Answers404()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync("/v1beta/models/none:generateContent", SandboxClient.Prompt, client.Sandbox.AddKey());

        Assert.Equal(404, reply.Status);
        Assert.StartsWith("models/none is not found for API version v1beta, or is not supported for generateContent.", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_Silent_AnswersNothingUntilTheConnectionEnds()
    {
        await using var client = await SandboxClient.StartAsync();
        var arrived = new TaskCompletionSource();
        client.Sandbox.OnRequest = _ =>
        {
            arrived.SetResult();
            return Task.FromResult(false);
        };
        var reply = client.GenerateAsync(client.Sandbox.AddKey(state: SandboxKeyState.Silent));

        await arrived.Task;
        await client.Sandbox.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => reply);
    }

    [Fact]
    public async Task Generate_Reset_EndsTheConnection()
    {
        await using var client = await SandboxClient.StartAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GenerateAsync(client.Sandbox.AddKey(state: SandboxKeyState.Reset)));
    }

    [Fact]
    public async Task OnRequest_AnswersTrue_ReplacesTheAnswer()
    {
        await using var client = await SandboxClient.StartAsync();
        client.Sandbox.OnRequest = context =>
        {
            context.Response.StatusCode = 418;
            return Task.FromResult(true);
        };

        Assert.Equal(418, (await client.GenerateAsync(client.Sandbox.AddKey())).Status);
    }
}
