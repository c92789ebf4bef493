using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>The errors of the API Keys API, in Google's own words where they are known.</summary>
internal static class ApiKeysErrors
{
    public const string Service = "apikeys.googleapis.com";

    /// <summary>The project of the Google Cloud SDK, which a user's requests count against when they name no other.</summary>
    private const string SdkProject = "projects/764086051850";

    public static GeminiError NoToken() => new(401, "UNAUTHENTICATED",
        "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        GeminiErrors.Info("CREDENTIALS_MISSING", ("service", Service)));

    public static GeminiError InvalidToken() => new(401, "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        GeminiErrors.Info("ACCESS_TOKEN_EXPIRED", ("service", Service)));

    public static GeminiError Denied(string permission, string resource)
    {
        var info = GeminiErrors.Info("IAM_PERMISSION_DENIED", ("permission", permission), ("resource", resource));
        info["domain"] = "iam.googleapis.com";
        return new(403, "PERMISSION_DENIED", $"Permission '{permission}' denied on resource '{resource}' (or it may not exist).", info);
    }

    /// <summary>A user's credential says for no project what its requests count against.</summary>
    public static GeminiError NoQuotaProject()
    {
        const string Message = "Your application is authenticating by using local Application Default Credentials. The apikeys.googleapis.com API requires a quota project, which is not set by default. To learn how to set your quota project, see https://cloud.google.com/docs/authentication/adc-troubleshooting/user-creds .";
        return new(403, "PERMISSION_DENIED", Message,
            GeminiErrors.Info("SERVICE_DISABLED", ("service", Service), ("consumer", SdkProject)),
            GeminiErrors.LocalizedMessage(Message));
    }

    public static GeminiError MayNotUse(string project) => new(403, "PERMISSION_DENIED",
        $"Caller does not have required permission to use project {project}. Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission, by visiting https://console.developers.google.com/iam-admin/iam/project?project={project} and then retry. Propagation of the new permission may take a few minutes.",
        GeminiErrors.Info("USER_PROJECT_DENIED", ("service", Service), ("consumer", $"projects/{project}")));

    public static GeminiError ServiceDisabled(string number)
    {
        var url = $"https://console.developers.google.com/apis/api/{Service}/overview?project={number}";
        return new(403, "PERMISSION_DENIED",
            $"API Keys API has not been used in project {number} before or it is disabled. Enable it by visiting {url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.",
            GeminiErrors.Info("SERVICE_DISABLED",
                ("activationUrl", url), ("consumer", $"projects/{number}"), ("containerInfo", number), ("service", Service), ("serviceTitle", "API Keys API")),
            GeminiErrors.Help("Google developers console API activation", url));
    }

    public static GeminiError NotFound() => new(404, "NOT_FOUND", "Requested entity was not found.");

    public static GeminiError Exists() => new(409, "ALREADY_EXISTS", "Requested entity already exists");

    public static GeminiError Stale() => new(409, "ABORTED", "The etag provided does not match the current etag of the key.");

    public static GeminiError IsDeleted(bool deleted) => new(400, "FAILED_PRECONDITION", deleted ? "The key is deleted." : "The key is not deleted.");

    public static GeminiError Unavailable() => new(503, "UNAVAILABLE", "The service is currently unavailable.");

    public static GeminiError Exhausted() => new(429, "RESOURCE_EXHAUSTED",
        $"Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute' of service '{Service}'.",
        GeminiErrors.Info("RATE_LIMIT_EXCEEDED", ("service", Service)));
}
