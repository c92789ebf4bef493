using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>Lets a request in as the vault would, then hands it to its operation.</summary>
internal sealed partial class KeyVaultServer(KeyVaultSandboxOptions options, SecretStore store, AccessTokens tokens, WriteHooks hooks, Recorder<KeyVaultRequest> log)
{
    private static readonly string Challenge =
        $"Bearer authorization=\"https://login.windows.net/{AccessTokens.Tenant}\", resource=\"{AccessTokens.VaultResource}\"";

    private readonly SecretReads _reads = new(options, store, new(options));
    private readonly SecretWrites _writes = new(options, store, new(options), hooks);

    public KeyVaultFault Fault { get; set; } = KeyVaultFault.None;

    public Func<KeyVaultRequest, KeyVaultFault?>? OnRequest { get; set; }

    public KeyVaultPolicy Policy
    {
        get => _writes.Policy;
        set => _writes.Policy = value;
    }

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has left, or the sandbox stops: nobody waits for an answer.
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        // 1. Record.
        var route = KeyVaultRoute.Parse(context.Request);
        var principal = tokens.Authenticate(context.Request.Headers.Authorization.FirstOrDefault(), out var unauthorized);
        var apiVersion = context.Request.Query["api-version"].FirstOrDefault();
        var time = options.TimeProvider.GetUtcNow();
        if (route is null)
        {
            await new KeyVaultCall(context, new(KeyVaultOperation.List), new(new(KeyVaultOperation.List), apiVersion, principal, time))
                .AnswerAsync(KeyVaultErrors.NoSuchRoute());
            return;
        }

        var record = new KeyVaultRequest(route, apiVersion, principal, time);
        log.Add(record);
        var call = new KeyVaultCall(context, route, record);

        // 2. Fail on demand.
        var fault = OnRequest?.Invoke(record) ?? Fault;
        await FaultInjection.WaitAsync(fault, options.TimeProvider, context.RequestAborted);
        if (FaultInjection.Ends(fault, context, out var failure) && failure is null)
        {
            call.Reset();
            return;
        }

        // 3. Let in, or say why not.
        if ((failure ?? unauthorized ?? Admit(route, apiVersion, principal!, fault)) is { } error)
        {
            if (error.Status == 401)
            {
                context.Response.Headers.WWWAuthenticate = Challenge;
            }

            await call.AnswerAsync(error);
            return;
        }

        // 4. Do it.
        await (record.IsWrite ? _writes.HandleAsync(call) : _reads.HandleAsync(call));
    }

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}$")]
    private static partial Regex SecretName { get; }

    [GeneratedRegex(@"^(7\.\d|20\d\d-\d\d-\d\d)(-preview(\.\d)?)?$")]
    private static partial Regex ApiVersion { get; }

    private KeyVaultError? Admit(KeyVaultRoute route, string? apiVersion, string principal, KeyVaultFault fault)
    {
        if (apiVersion is null || !ApiVersion.IsMatch(apiVersion))
        {
            return KeyVaultErrors.BadParameter($"The specified version ({apiVersion}) is not recognized. Consider using the latest supported version (7.6).");
        }

        if (route.Name is not null && !SecretName.IsMatch(route.Name))
        {
            return KeyVaultErrors.BadParameter($"The request URI contains an invalid name: {route.Name}");
        }

        if (fault.Kind != KeyVaultFaultKind.Forbidden && tokens.Allows(principal, route.Operation))
        {
            return null;
        }

        return options.UsesAccessPolicies ? KeyVaultErrors.NotInAccessPolicy(principal, route) : KeyVaultErrors.Forbidden(principal, route);
    }
}
