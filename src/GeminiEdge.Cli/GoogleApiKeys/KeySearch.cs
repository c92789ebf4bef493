using System.Globalization;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>Finds a project's key at Google.</summary>
internal sealed class KeySearch(GoogleKeys google, string project)
{
    /// <summary>Far more than any project's list takes.</summary>
    private const int MostPages = 100;

    /// <summary>The key of this resource name, or why it can't be read.</summary>
    public async Task<(string? Name, ApiKey? Key, RotationResult? End)> ReadAsync(string name, CancellationToken cancellationToken)
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

    /// <summary>The project's one key with these last four characters. The API finds a key by its whole value only, so every candidate's is read.</summary>
    /// <param name="value">The key itself, where it is known: another one may end in the same four characters.</param>
    public async Task<(string? Name, ApiKey? Key, RotationResult? End)> FindAsync(string keyId, ApiKey? value, CancellationToken cancellationToken)
    {
        HashSet<string> seen = [];
        List<(string Name, ApiKey Key)> found = [];
        string? page = null;
        for (var pages = 1; pages == 1 || page is { Length: > 0 }; pages++)
        {
            if (pages > MostPages)
            {
                return (null, null, new RotationResult(
                    RotationOutcome.Failed, $"The list of the keys of the project {project} has no end, so the key …{keyId} is not looked for any longer: name it with `edgectl retire --key NAME`."));
            }

            var list = await google.ListAsync(project, page, cancellationToken);
            if (list.Fault is { } fault)
            {
                return (null, null, fault.Explain("list keys", project));
            }

            foreach (var entry in ((list.Json!["keys"] as JsonArray) ?? []).OfType<JsonObject>().Where(MayCallGemini))
            {
                if (GoogleJson.Text(entry["name"]) is not { } name || !GoogleKeys.Name().IsMatch(name))
                {
                    return (null, null, GoogleAnswer.NotGoogles.Fault!.Explain("list keys", project));
                }

                // A list that changes meanwhile may name a key again.
                if (!seen.Add(name))
                {
                    continue;
                }

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

        return found switch
        {
            [var one] => (one.Name, one.Key, null),
            [] => (null, null, KeyRetirement.Refused($"The project {project} has no key …{keyId}: it belongs to another project, or is deleted already.")),
            _ => (null, null, KeyRetirement.Refused($"The project {project} has {found.Count} keys …{keyId}; say which with --key: {string.Join(", ", found.Select(entry => entry.Name))}.")),
        };
    }

    private static bool MayCallGemini(JsonObject key) =>
        (key["restrictions"] as JsonObject)?["apiTargets"] is not JsonArray { Count: > 0 } targets
        || targets.Any(target => GoogleJson.Text((target as JsonObject)?["service"]) == GoogleKeys.Service);

    private static string Time(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time)
        ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)
        : "some time ago";
}
