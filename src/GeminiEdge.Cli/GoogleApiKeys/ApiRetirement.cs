using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>Deletes a key through the API, and sees it die.</summary>
internal sealed class ApiRetirement(Session session, GoogleKeys google, string project)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly KeyRetirement _retirement = new(session);
    private readonly KeySearch _search = new(google, project);

    /// <summary>Retires the key of this resource name, or the project's one key with these last four characters.</summary>
    public async Task<int> RunAsync(string? name, string? keyId, CancellationToken cancellationToken)
    {
        var (result, key, _) = await RetireAsync(name, keyId, null, isSettled: false, cancellationToken);
        return session.Report(result, key);
    }

    /// <summary>The same, for a command that does more.</summary>
    /// <param name="value">The key itself, where it is known: another one may end in the same four characters.</param>
    /// <param name="isSettled">The edges are known not to use it any more.</param>
    public async Task<(RotationResult Result, KeyAtGoogle Key, ApiKey? Value)> RetireAsync(string? name, string? keyId, ApiKey? value, bool isSettled, CancellationToken cancellationToken)
    {
        var (resource, key, end) = await session.Terminal.WorkAsync(() => name is null ? _search.FindAsync(keyId!, value, cancellationToken) : _search.ReadAsync(name, cancellationToken));
        end ??= await _retirement.WhyNotAsync(key!.Equals, key!.Id, isSettled, cancellationToken);
        return (end ?? await DeleteAsync(resource!, key!, cancellationToken), new KeyAtGoogle(resource, key?.Id), key);
    }

    private async Task<RotationResult> DeleteAsync(string name, ApiKey key, CancellationToken cancellationToken)
    {
        var id = name.Split('/')[^1];
        RotationStep[] steps = [new($"delete the key …{key.Id} at Google ({id})"), new($"probe the key …{key.Id} until Google refuses it")];
        if (session.DryRun)
        {
            return new RotationResult(RotationOutcome.Done, $"The key …{key.Id} is retired.") { Steps = [.. steps] };
        }

        session.Terminal.Say($"Deleting the key …{key.Id} at Google ({id}).");
        if ((await google.DeleteAsync(name, cancellationToken)).Fault is { } fault)
        {
            return fault.Explain("delete the key", project);
        }

        var verdict = await _retirement.DiesAsync(key, Patience, cancellationToken);
        return KeyRetirement.IsDead(verdict)
            ? new RotationResult(RotationOutcome.Done, $"The key …{key.Id} is retired: Google refuses it. For 30 days `gcloud services api-keys undelete {id} --project={project}` brings it back.") { Steps = [.. steps] }
            : new RotationResult(RotationOutcome.StillTaken, $"The key …{key.Id} ({id}) is deleted, but Google has not refused it within {Patience.TotalSeconds:0} s (it {KeyRetirement.Unrefused(verdict)}). Look at it at Google; if the key has leaked, treat it as alive.") { Steps = [steps[0]] };
    }
}
