using System.Text;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>The operations that change something, and the moments before and after.</summary>
internal sealed class SecretWrites(KeyVaultSandboxOptions options, SecretStore store, SecretJson json, WriteHooks hooks)
{
    private const int LongestValue = 25 * 1024;
    private const int MostTags = 15;
    private const int LongestTag = 256;

    public KeyVaultPolicy Policy { get; set; } = new();

    public async Task HandleAsync(KeyVaultCall call)
    {
        // 1. What the body asks for.
        SecretChange? change = null;
        if (call.Route.Operation is KeyVaultOperation.Set or KeyVaultOperation.Update)
        {
            using var body = new MemoryStream();
            await call.Context.Request.Body.CopyToAsync(body, call.Context.RequestAborted);
            change = SecretJson.ReadChange(body.ToArray());
            if (Check(change, call.Route.Operation) is { } malformed)
            {
                await call.AnswerAsync(malformed);
                return;
            }
        }

        // 2. The last moment at which nothing has happened yet.
        if (await EndAsync(call, await hooks.BeforeAsync(call.Record)))
        {
            return;
        }

        // 3. The change: all of it or nothing, in one order for everybody.
        var error = Apply(call, change, out var result, out var answer);
        if (error is not null)
        {
            await call.AnswerAsync(error);
            return;
        }

        // 4. It has happened, and the client doesn't know it yet.
        if (await EndAsync(call, await hooks.AfterAsync(call.Record, result)))
        {
            return;
        }

        if (answer is null)
        {
            call.AnswerNothing();
            return;
        }

        await call.AnswerAsync(answer);
    }

    private KeyVaultError? Apply(KeyVaultCall call, SecretChange? change, out SecretVersion? result, out JsonObject? answer)
    {
        DeletedSecret? deleted = null;
        result = null;
        var error = call.Route.Operation switch
        {
            KeyVaultOperation.Set => store.Set(call.Name, change!, out result, Policy),
            KeyVaultOperation.Update => store.Update(call.Name, call.Route.Version, change! with { Value = null }, out result, Policy),
            KeyVaultOperation.Delete => store.Delete(call.Name, out deleted),
            KeyVaultOperation.Recover => store.Recover(call.Name, out result),
            _ => store.Purge(call.Name),
        };
        answer = deleted is not null ? json.Deleted(deleted, call.Vault, inList: false)
            : result is not null ? json.Bundle(result, call.Vault, withValue: call.Route.Operation == KeyVaultOperation.Set)
            : null;
        result ??= deleted?.Latest;
        return error;
    }

    private static KeyVaultError? Check(SecretChange? change, KeyVaultOperation operation) => change switch
    {
        null => KeyVaultErrors.BadParameter("The request body is invalid JSON."),
        { Value: null } when operation == KeyVaultOperation.Set => KeyVaultErrors.BadParameter("Property  is required: value"),
        { Value: { } value } when Encoding.UTF8.GetByteCount(value) > LongestValue =>
            KeyVaultErrors.BadParameter($"The value of the secret must be at most {LongestValue} bytes."),
        { Tags.Count: > MostTags } => KeyVaultErrors.BadParameter($"A secret may have at most {MostTags} tags."),
        { Tags: { } tags } when tags.Any(tag => tag.Key.Length > LongestTag || tag.Value.Length > LongestTag) =>
            KeyVaultErrors.BadParameter($"A tag's name and value may have at most {LongestTag} characters."),
        _ => null,
    };

    private async Task<bool> EndAsync(KeyVaultCall call, KeyVaultFault? fault)
    {
        await FaultInjection.WaitAsync(fault, options.TimeProvider, call.Context.RequestAborted);
        if (!FaultInjection.Ends(fault, call.Context, out var error))
        {
            return false;
        }

        if (error is null)
        {
            call.Reset();
        }
        else
        {
            await call.AnswerAsync(error);
        }

        return true;
    }
}
