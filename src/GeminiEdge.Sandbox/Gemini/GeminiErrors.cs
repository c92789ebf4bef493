using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The errors that are the caller's, and the details Google attaches.</summary>
internal static class GeminiErrors
{
    public const string Service = "generativelanguage.googleapis.com";

    public static GeminiError InvalidArgument(string message, params JsonObject[] details) => new(400, "INVALID_ARGUMENT", message, details);

    public static GeminiError BadField(string message, string? field = null) => BadFields([(field, message)]);

    /// <summary>What is wrong with each field: the message is all of it, a line each.</summary>
    public static GeminiError BadFields(IReadOnlyList<(string? Field, string Description)> violations) => InvalidArgument(
        string.Join('\n', violations.Select(violation => violation.Description)),
        new JsonObject
        {
            ["@type"] = "type.googleapis.com/google.rpc.BadRequest",
            ["fieldViolations"] = new JsonArray([.. violations.Select(violation => violation.Field is null
                ? new JsonObject { ["description"] = violation.Description }
                : new JsonObject { ["field"] = violation.Field, ["description"] = violation.Description })]),
        });

    public static GeminiError InvalidKey(string message) => InvalidArgument(
        message, Info("API_KEY_INVALID", ("service", Service)), LocalizedMessage(message));

    public static GeminiError NoCredential() => new(403, "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.");

    public static GeminiError TwoCredentials() => InvalidArgument(
        "Multiple authentication credentials received. Please pass only one.");

    public static GeminiError Unauthenticated() => new(401, "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        Info("ACCESS_TOKEN_TYPE_UNSUPPORTED", ("service", Service)));

    /// <summary>Of a method that takes no API keys, whatever the key is.</summary>
    public static GeminiError CredentialsMissing(Route route) => new(401, "UNAUTHENTICATED",
        "API keys are not supported by this API. Expected OAuth2 access token or other authentication credentials that assert a principal. See https://cloud.google.com/docs/authentication",
        Info("CREDENTIALS_MISSING", ("service", Service), ("method", route.Rpc)));

    /// <summary>Google has it, and the sandbox has not.</summary>
    public static GeminiError NotSimulated(string what) => new(501, "UNIMPLEMENTED", $"The sandbox doesn't simulate {what}.");

    public static GeminiError NoSuchEntity() => new(404, "NOT_FOUND", "Requested entity was not found.");

    public static GeminiError UnknownModel(string model, string version, string? verb) => new(404, "NOT_FOUND", verb is null
        ? $"Model is not found: models/{model} for api version {version}"
        : $"models/{model} is not found for API version {version}, or is not supported for {verb}. Call ListModels to see the list of available models and their supported methods.");

    public static GeminiError Forbidden() => new(403, "PERMISSION_DENIED", "The caller does not have permission");

    public static GeminiError NoEntity() => new(404, "NOT_FOUND", "Requested entity was not found.");

    public static GeminiError FileDenied(string id) => new(403, "PERMISSION_DENIED",
        $"You do not have permission to access the File {id} or it may not exist.");

    public static GeminiError FileExists() => new(409, "ALREADY_EXISTS", "Requested entity already exists");

    public static GeminiError CacheDenied() => new(403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)");

    public static GeminiError TooLarge(int limit) => InvalidArgument($"Request payload size exceeds the limit: {limit} bytes.");

    public static GeminiError NoSuchPage() => new(404, "NOT_FOUND", "Not Found")
    {
        Html = Page("Error 404 (Not Found)!!1", "The requested URL was not found on this server."),
    };

    public static string Page(string title, string text) =>
        $"<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>{title}</title>\n  <p><b>{title[6..9]}.</b> <ins>That’s an error.</ins>\n  <p>{text} <ins>That’s all we know.</ins>\n";

    public static JsonObject Info(string reason, params (string Name, string Value)[] metadata)
    {
        var values = new JsonObject();
        foreach (var (name, value) in metadata)
        {
            values[name] = value;
        }

        return new()
        {
            ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
            ["reason"] = reason,
            ["domain"] = "googleapis.com",
            ["metadata"] = values,
        };
    }

    public static JsonObject Help(string description, string url) => new()
    {
        ["@type"] = "type.googleapis.com/google.rpc.Help",
        ["links"] = new JsonArray(new JsonObject { ["description"] = description, ["url"] = url }),
    };

    public static JsonObject LocalizedMessage(string message) => new()
    {
        ["@type"] = "type.googleapis.com/google.rpc.LocalizedMessage",
        ["locale"] = "en-US",
        ["message"] = message,
    };
}
