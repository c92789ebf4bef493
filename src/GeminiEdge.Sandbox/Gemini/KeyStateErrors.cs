namespace GeminiEdge.Sandbox.Gemini;

/// <summary>How each state of a key answers.</summary>
internal static class KeyStateErrors
{
    /// <summary>The answer of a state that closes the whole API to the key.</summary>
    private static GeminiError? OfKey(SandboxKey key, SandboxKeyState state, Route route) => state switch
    {
        SandboxKeyState.Invalid => GeminiErrors.InvalidKey("API key not valid. Please pass a valid API key."),
        SandboxKeyState.NotFound => GeminiErrors.InvalidKey("API Key not found. Please pass a valid API key."),
        SandboxKeyState.Expired => GeminiErrors.InvalidKey("API key expired. Please renew the API key."),
        SandboxKeyState.InvalidAuthKey => GeminiErrors.Unauthenticated(),
        SandboxKeyState.Leaked => Denied("Your API key was reported as leaked. Please use another API key."),
        SandboxKeyState.Blocked => Denied(
            "API_KEY_SERVICE_BLOCKED", $"Requests to this API {GeminiErrors.Service} method {route.Rpc} are blocked.", key,
            ("methodName", route.Rpc), ("apiName", GeminiErrors.Service)),
        SandboxKeyState.ReferrerBlocked => Denied(
            "API_KEY_HTTP_REFERRER_BLOCKED", "Requests from referer <empty> are blocked.", key, ("httpReferrer", "<empty>")),
        SandboxKeyState.IpBlocked => Denied(
            "API_KEY_IP_ADDRESS_BLOCKED", "The provided API key has an IP address restriction. The originating IP address of the call (192.0.2.1) violates this restriction.", key),
        SandboxKeyState.ServiceDisabled => ServiceDisabled(key),
        SandboxKeyState.ProjectDenied => Denied("Your project has been denied access. Please contact support."),
        SandboxKeyState.Suspended => Denied(
            "CONSUMER_SUSPENDED", $"Permission denied: Consumer 'api_key:{key.Value}' has been suspended.", key,
            ("containerInfo", $"api_key:{key.Value}")),
        SandboxKeyState.BillingDisabled => Denied(
            "BILLING_DISABLED", $"This API method requires billing to be enabled. Please enable billing on project #{Number(key)}.", key),
        SandboxKeyState.Forbidden => Denied("The caller does not have permission"),
        SandboxKeyState.FrontEndForbidden => Denied("Forbidden") with
        {
            Html = GeminiErrors.Page("Error 403 (Forbidden)!!1", "Your client does not have permission to get this URL from this server."),
        },
        SandboxKeyState.LocationUnsupported => new(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
        _ => null,
    };

    /// <summary>The answer at the door: of a kind of call with a state of its own any that there is, else one that closes the whole API.</summary>
    public static GeminiError? AtTheDoor(SandboxCall call) => call.OwnState is { } own
        ? Of(call, own, ModelCatalog.Bare(call.Route.Name))
        : OfKey(call.Key, call.Key.State, call.Route);

    /// <summary>The answer of a state where a model is put to work, which is any state's.</summary>
    public static GeminiError? OfModel(SandboxCall call, SandboxModel model) => Of(call, call.StateOf(model), model.Name, model.Version);

    private static GeminiError? Of(SandboxCall call, SandboxKeyState state, string model, string? version = null) => state switch
    {
        SandboxKeyState.PrepayDepleted => QuotaErrors.PrepayDepleted(),
        SandboxKeyState.SpendCap => QuotaErrors.SpendCap(),
        SandboxKeyState.QuotaMinute => QuotaErrors.Minute(version ?? model, call.Key.RetryDelay),
        SandboxKeyState.QuotaDay => QuotaErrors.Day(version ?? model),
        SandboxKeyState.QuotaNone => QuotaErrors.None(version ?? model),
        SandboxKeyState.QuotaTokens => QuotaErrors.InputTokens(version ?? model, call.Key.RetryDelay),
        SandboxKeyState.QuotaUnknown => QuotaErrors.Unknown(),
        SandboxKeyState.QuotaHelpOnly => QuotaErrors.HelpOnly(),
        SandboxKeyState.QuotaInMetadata => QuotaErrors.InMetadata(call.Key.Project, call.Key.QuotaLimit),
        SandboxKeyState.WaitInWords => QuotaErrors.InWords(call.Key.RetryDelay),
        SandboxKeyState.ModelClosed => new(404, "NOT_FOUND",
            $"This model models/{model} is no longer available to new users. Please update your code to use a newer model for the latest features and improvements."),
        SandboxKeyState.BilledUsersOnly => GeminiErrors.InvalidArgument("Imagen API is only accessible to billed users at this time."),
        SandboxKeyState.MultipleCredentials => GeminiErrors.TwoCredentials(),
        SandboxKeyState.CredentialsMissing => GeminiErrors.CredentialsMissing(call.Route),
        SandboxKeyState.RequestTimeout => new(408, "DEADLINE_EXCEEDED", "Request Timeout")
        {
            Html = GeminiErrors.Page("Error 408 (Request Timeout)!!1", "Your client has taken too long to issue its request."),
        },
        SandboxKeyState.Cancelled => Cancelled(),
        SandboxKeyState.Internal => new(500, "INTERNAL",
            "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"),
        SandboxKeyState.Overloaded => Overloaded(),
        SandboxKeyState.DeadlineExceeded => new(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
        _ => OfKey(call.Key, state, call.Route),
    };

    public static GeminiError Cancelled() => new(499, "CANCELLED", "The operation was cancelled.");

    public static GeminiError Overloaded() => new(503, "UNAVAILABLE",
        "This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later.");

    private static GeminiError ServiceDisabled(SandboxKey key)
    {
        var url = $"https://console.developers.google.com/apis/api/{GeminiErrors.Service}/overview?project={Number(key)}";
        var message = $"Generative Language API has not been used in project {Number(key)} before or it is disabled. Enable it by visiting {url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.";
        return new(403, "PERMISSION_DENIED", message,
            GeminiErrors.Info("SERVICE_DISABLED",
                ("service", GeminiErrors.Service), ("serviceTitle", "Generative Language API"), ("activationUrl", url),
                ("containerInfo", Number(key)), ("consumer", key.Project)),
            GeminiErrors.LocalizedMessage(message),
            GeminiErrors.Help("Google developers console API activation", url));
    }

    private static GeminiError Denied(string message) => new(403, "PERMISSION_DENIED", message);

    private static GeminiError Denied(string reason, string message, SandboxKey key, params (string Name, string Value)[] metadata) =>
        new(403, "PERMISSION_DENIED", message,
            GeminiErrors.Info(reason, [("consumer", key.Project), ("service", GeminiErrors.Service), .. metadata]));

    private static string Number(SandboxKey key) => key.Project[(key.Project.LastIndexOf('/') + 1)..];
}
