using System.Globalization;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>Deletes a key through the API, and sees it die.</summary>
internal sealed class ApiRetirement(Session session, GoogleKeys google, string project)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly KeyRetirement _retirement = new(session);

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
        var (resource, key, end) = await session.Terminal.WorkAsync(() => name is null ? FindAsync(keyId!, value, cancellationToken) : ReadAsync(name, cancellationToken));
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

    private async Task<(string? Name, ApiKey? Key, RotationResult? End)> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var known = await google.GetAsync(name, cancellationToken);
        if (known.Fault is { } fault)
        {
            return (name, null, fault.IsNotFound ? KeyRetirement.Refused($"Google knows no key {name}.") : fault.Explain("read the key", project));
        }

        if (known.Text("deleteTime") is { } deleted)
        {
            return (name, null, new RotationResult(RotationOutcome.Done, $"{name} is deleted already, since {Time(deleted)}."));
        }

        var answer = await google.GetKeyStringAsync(name, cancellationToken);
        if (answer.Fault is { } unread)
        {
            return (name, null, unread.Explain("read the key", project));
        }

        var (key, refusal) = ApiKey.Create(answer.Text("keyString") ?? "");
        return (name, key, key is null ? new RotationResult(RotationOutcome.Failed, $"What Google gave as the key {refusal}.") : null);
    }

    /// <summary>The API finds a key by its whole value only, so every candidate's is read.</summary>
    private async Task<(string? Name, ApiKey? Key, RotationResult? End)> FindAsync(string keyId, ApiKey? value, CancellationToken cancellationToken)
    {
        List<(string Name, ApiKey Key)> found = [];
        string? page = null;
        do
        {
            var list = await google.ListAsync(project, page, cancellationToken);
            if (list.Fault is { } fault)
            {
                return (null, null, fault.Explain("list keys", project));
            }

            foreach (var name in ((list.Json!["keys"] as JsonArray) ?? []).OfType<JsonObject>().Where(MayCallGemini).Select(entry => entry["name"]!.GetValue<string>()))
            {
                var (_, key, end) = await ReadAsync(name, cancellationToken);
                if (end is { Outcome: RotationOutcome.Failed or RotationOutcome.AccessDenied })
                {
                    return (null, null, end);
                }

                if (key is not null && (value is null ? key.Id == keyId : key.Equals(value)))
                {
                    found.Add((name, key));
                }
            }

            page = list.Text("nextPageToken");
        }
        while (page is { Length: > 0 });

        return found switch
        {
            [var one] => (one.Name, one.Key, null),
            [] => (null, null, KeyRetirement.Refused($"The project {project} has no key …{keyId}: it belongs to another project, or is deleted already.")),
            _ => (null, null, KeyRetirement.Refused($"The project {project} has {found.Count} keys …{keyId}; say which with --key: {string.Join(", ", found.Select(entry => entry.Name))}.")),
        };
    }

    private static bool MayCallGemini(JsonObject key) =>
        key["restrictions"]?["apiTargets"] is not JsonArray { Count: > 0 } targets
        || targets.Any(target => target?["service"]?.ToString() == GoogleKeys.Service);

    private static string Time(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time)
        ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)
        : "some time ago";
}
