using System.Text.Json;
using System.Text.RegularExpressions;
using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using Google.Apis.Auth.OAuth2;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>
/// What Google's API Keys API answers <c>edgectl</c>, one answer after the other with a line of dashes between: when a key is made, deleted,
/// read and searched for.
/// </summary>
internal static partial class GoogleKeysTarget
{
    private const string Project = "edge-keys";
    private const int LongestSentence = 1000;

    private static readonly Uri Address = new("https://apikeys.example/");
    private static readonly GoogleSignIn SignIn = new(GoogleCredential.FromAccessToken("fuzz"));
    private static readonly NewKey Wanted = NewKey.Of(Project, null, null, new Uri("https://vault.example"), StillTime.Now);

    public static void Run(byte[] input)
    {
        var text = FuzzInput.Letters(input);
        Try(text, CheckCreate);
        Try(text, CheckDelete);
        Try(text, CheckRead);
        Try(text, CheckFind);
    }

    private static void Try(string text, Func<GoogleKeys, FixedGoogle, Task> check)
    {
        var google = FixedGoogle.Of(text);
        using var keys = new GoogleKeys(SignIn, Address, new HastyTime(), google);
        check(keys, google).GetAwaiter().GetResult();
        foreach (var (method, address) in google.Asked)
        {
            Promise.Same(Address.Authority, address.Authority, "Google is asked, and nobody else.");
            Promise.That(Asked().IsMatch(address.AbsolutePath), "Only keys and operations are asked for, wherever an answer points.");
            Promise.That(method != HttpMethod.Delete || address.PathAndQuery == $"/v2/{Wanted.Name}", "What is deleted is what was to be deleted.");
        }
    }

    private static async Task CheckCreate(GoogleKeys keys, FixedGoogle google)
    {
        var answer = await keys.CreateAsync(Wanted, CancellationToken.None);
        CheckAnswer(answer, "create a key");
        Promise.That(answer.Fault is not null || google.Given.Any(IsDone), "What is made was said to be made.");
        Promise.Same(1, google.Asked.Count(asked => asked.Method == HttpMethod.Post), "A key is made once.");
        Promise.That(
            answer.Fault is not { IsFinal: true } || HasFailed(google.Given[^1]) || (google.Given is [var only] && (only.Status == 401 || only.Status == 429 || IsError(only))),
            "That no key was made is Google's word.");
    }

    private static async Task CheckDelete(GoogleKeys keys, FixedGoogle google)
    {
        var answer = await keys.DeleteAsync(Wanted.Name, CancellationToken.None);
        CheckAnswer(answer, "delete the key");
        Promise.That(answer.Fault is not null || google.Given.Any(given => IsDone(given) || (given.Status == 404 && IsError(given)) || IsDeleted(given)), "What is deleted was said to be deleted.");
    }

    private static async Task CheckRead(GoogleKeys keys, FixedGoogle google)
    {
        var (name, key, end) = await new KeySearch(keys, Project).ReadAsync(Wanted.Name, CancellationToken.None);
        Promise.Same(Wanted.Name, name, "The key that is read is the one that was asked for.");
        CheckKey(key, end, google);
    }

    private static async Task CheckFind(GoogleKeys keys, FixedGoogle google)
    {
        var (name, key, end) = await new KeySearch(keys, Project).FindAsync("0001", null, CancellationToken.None);
        CheckKey(key, end, google);
        Promise.That(key is null || key.Id == "0001", "The key that is found is the one that was looked for.");
        Promise.That(name is null || google.Given.Any(given => Entries(given).Contains(name)), "The name of a key is one that Google gave.");
        Promise.That(name is null || google.Asked.Any(asked => asked.Address.PathAndQuery == $"/v2/{name}/keyString"), "Its value is the one of that name.");
    }

    private static void CheckKey(ApiKey? key, RotationResult? end, FixedGoogle google)
    {
        Promise.That(key is null != end is null, "A key is read, or why not is said.");
        Promise.That(key is null || google.Given.Any(given => Text(given, "keyString")?.Trim() == key.Reveal()), "A key is what Google gave as one.");
        CheckSentence(end);
    }

    private static void CheckAnswer(GoogleAnswer answer, string doing)
    {
        Promise.That(answer.Json is null != answer.Fault is null, "A call comes to something, or why not is known.");
        CheckSentence(answer.Fault?.Explain(doing, Project));
        Promise.That(answer.Fault is not { IsFinal: true, IsPassing: true, HttpStatus: not 429 }, "What is over is not tried again.");
    }

    private static void CheckSentence(RotationResult? end)
    {
        Promise.That(end is null || (end.Message.EndsWith('.') && end.Message.Length <= LongestSentence), "What is said is a sentence.");
        Promise.That(end is null || !KeyShape().IsMatch(end.Message), "A sentence holds no key.");
        Promise.That(end is null || !end.Message.Any(char.IsControl), "A sentence is one line, and nothing but text.");
        // Between backticks stands what a person copies.
        var parts = (end?.Message ?? "").Split('`');
        Promise.That(parts.Length % 2 == 1 && parts.Where((_, part) => part % 2 == 1).All(Command().IsMatch), "A command to copy is one of edgectl's own.");
    }

    private static bool IsDone((int Status, byte[] Body) given) => Object(given) is { } json
        && Value(json, "done").ValueKind == JsonValueKind.True && Value(json, "error").ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    private static bool HasFailed((int Status, byte[] Body) given) => Object(given) is { } json && Value(json, "error").ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    private static bool IsError((int Status, byte[] Body) given) => given.Status is >= 400 and < 500
        && Object(given.Body) is { } json && Value(json, "error").ValueKind == JsonValueKind.Object;

    private static bool IsDeleted((int Status, byte[] Body) given) => Text(given, "deleteTime") is not null;

    private static IEnumerable<string> Entries((int Status, byte[] Body) given) =>
        Object(given) is { } json && Value(json, "keys") is { ValueKind: JsonValueKind.Array } keys
            ? keys.EnumerateArray().Where(key => key.ValueKind == JsonValueKind.Object).Select(key => Text(key, "name")).OfType<string>()
            : [];

    private static string? Text((int Status, byte[] Body) given, string name) => Object(given) is { } json ? Text(json, name) : null;

    private static string? Text(JsonElement json, string name)
    {
        try
        {
            return Value(json, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or no UTF-8.
            return null;
        }
    }

    private static JsonElement Value(JsonElement json, string name)
    {
        try
        {
            return json.TryGetProperty(name, out var value) ? value : default;
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }

    private static JsonElement? Object((int Status, byte[] Body) given) => given.Status is >= 200 and < 300 ? Object(given.Body) : null;

    private static JsonElement? Object(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex("^/v2/(?:operations/[^/]+|projects/[^/]+/locations/global/keys(?:/[^/]+(?:/keyString)?)?)$")]
    private static partial Regex Asked();

    // As Google makes them; no other key can be told from a text.
    [GeneratedRegex(@"AIza[0-9A-Za-z_-]{8}|[AI]Q\.[0-9A-Za-z._-]{8}")]
    private static partial Regex KeyShape();

    // Which project is missing the API, an answer says.
    [GeneratedRegex(@"^(?:gcloud auth application-default (?:login|set-quota-project)|gcloud services enable apikeys\.googleapis\.com --project=[a-z0-9][a-z0-9.:-]{0,99}|edgectl retire --key NAME)\z")]
    private static partial Regex Command();
}
