using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GeminiEdge.Rotation;
using Google.Apis.Auth.OAuth2.Responses;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>A failed call of the API, and what it means to an operator.</summary>
internal sealed partial record GoogleFault
{
    private const string SignInAgain = "run `gcloud auth application-default login`";

    /// <summary>Null when no answer came, or an operation failed.</summary>
    public int? HttpStatus { get; private init; }

    private string Status { get; init; } = "no status";

    private string? Reason { get; init; }

    private string? Message { get; init; }

    /// <summary>The project that the request counted against.</summary>
    private string? Consumer { get; init; }

    private Exception? Cause { get; init; }

    /// <summary>An operation was begun that could not be read: it may end well all the same.</summary>
    public bool LeavesOpen { get; init; }

    public bool IsNotFound => HttpStatus == 404 && !LeavesOpen;

    /// <summary>Nothing was done, and nothing will be.</summary>
    public bool IsFinal => !LeavesOpen && (HttpStatus is >= 400 and < 500 || (HttpStatus is null && Cause is null or TokenResponseException));

    /// <summary>The same call may succeed in a moment.</summary>
    public bool IsPassing => HttpStatus is 429 or >= 500 || Cause is HttpRequestException or TaskCanceledException;

    public static GoogleFault Of(Exception cause) => new() { Cause = cause };

    /// <summary>Of the <c>google.rpc.Status</c> that an answer or an operation holds.</summary>
    public static GoogleFault Of(int? httpStatus, JsonNode? error)
    {
        var json = error as JsonObject;
        var info = (json?["details"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(detail => GoogleJson.Text(detail["reason"]) is not null);
        return new GoogleFault
        {
            HttpStatus = httpStatus,
            Status = GoogleJson.Text(json?["status"]) is { } status && Word().IsMatch(status) ? status
                : json?["code"] is JsonValue value && value.TryGetValue<int>(out var code) ? $"code {code.ToString(CultureInfo.InvariantCulture)}" : "no status",
            Reason = GoogleJson.Text(info?["reason"]),
            Message = GoogleJson.Text(json?["message"]),
            // It goes into a command that somebody copies.
            Consumer = GoogleJson.Text((info?["metadata"] as JsonObject)?["consumer"])?.Split('/')[^1] is { } consumer && GoogleOptions.ProjectId().IsMatch(consumer) ? consumer : null,
        };
    }

    /// <param name="doing">"create a key", for a sentence.</param>
    public RotationResult Explain(string doing, string project) => this switch
    {
        { Cause: TokenResponseException } or { HttpStatus: 401 } => Denied($"Google refused the credential to {doing} with: {SignInAgain}."),
        { Cause: TaskCanceledException or TimeoutException } => Failed($"Google took too long to {doing}."),
        { Cause: JsonException } => Failed($"What answered the request to {doing} is not Google's API Keys API."),
        { Cause: { } cause } => Failed($"Google's API Keys API can't be reached to {doing} ({cause.GetType().Name}): check the network."),
        { HttpStatus: 403, Reason: "SERVICE_DISABLED" } => Denied(
            $"The API Keys API is not enabled in the project {Consumer ?? project}: run `gcloud services enable apikeys.googleapis.com --project={Consumer ?? project}`, and wait a minute."),
        { HttpStatus: 403, Reason: "USER_PROJECT_DENIED" } => Denied(
            $"Your requests may not count against the project {Consumer ?? project}: you lack the role roles/serviceusage.serviceUsageConsumer on it, or name another with `gcloud auth application-default set-quota-project`."),
        { HttpStatus: 403 } => Denied($"You may not {doing}: you lack the role roles/serviceusage.apiKeysAdmin on the project {project}, or there is no such project."),
        { IsNotFound: true } => Failed($"Could not {doing}: Google knows no such key."),
        { HttpStatus: 429 } => Failed($"Google throttles the request to {doing}: try again in a minute."),
        { HttpStatus: >= 500 } => Failed($"Google failed with status {HttpStatus} to {doing}: try again."),
        _ => Failed($"Google could not {doing} ({Status}){Said()}."),
    };

    // Only errors of calls that carry no key get here; should one hold a key all the same, it isn't repeated.
    // Nor is what would pass for a command to copy, or for more than a part of a sentence.
    private string Said() => Message is { Length: > 0 and < 500 } text && !Key().IsMatch(text) && !Foreign().IsMatch(text) ? $": {text.TrimEnd('.', ' ')}" : "";

    private static RotationResult Denied(string message) => new(RotationOutcome.AccessDenied, message);

    private static RotationResult Failed(string message) => new(RotationOutcome.Failed, message);

    [GeneratedRegex(@"AIza[0-9A-Za-z_-]{8}|[AI]Q\.[0-9A-Za-z._-]{8}")]
    private static partial Regex Key();

    [GeneratedRegex(@"[`\p{Cc}\p{Cf}\p{Zl}\p{Zp}]")]
    private static partial Regex Foreign();

    [GeneratedRegex(@"^[A-Z_]{1,40}\z")]
    private static partial Regex Word();
}
