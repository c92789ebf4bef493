using GeminiEdge.Failover.Keys;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Keys;

/// <summary>What comes along when a key is copied, and what manuals print in its place.</summary>
public class PastedKeyTests
{
    private const string Key = "AIzaSyA-real-key-0123456789_abcdefghijk";
    private const string NewKey = "AQ.Ab8RN6IzNewStyle-0123456789_abcdefghijk";

    [Theory]
    [InlineData("\"" + Key + "\"", "in quotes")]
    [InlineData("'" + NewKey + "'", "in quotes")]
    [InlineData("`" + Key + "`", "in quotes")]
    [InlineData("“" + Key + "”", "in quotes")]
    [InlineData("„" + Key + "“", "in quotes")]
    [InlineData("‘" + Key + "’", "in quotes")]
    [InlineData("«" + Key + "»", "in quotes")]
    [InlineData("\"" + Key, "in quotes")]
    [InlineData(Key + "'", "in quotes")]
    [InlineData(" \"" + Key + "\",\n", "in quotes")]
    [InlineData("\"GEMINI_API_KEY\": \"" + Key + "\"", "in quotes")]
    [InlineData("Bearer " + Key, "the word Bearer")]
    [InlineData("bearer\t" + NewKey, "the word Bearer")]
    [InlineData("Authorization: Bearer " + Key, "the word Bearer")]
    [InlineData("export GEMINI_API_KEY=" + Key, "a whole line")]
    [InlineData("export X=" + Key, "a whole line")]
    [InlineData("GEMINI_API_KEY=" + Key, "a whole line")]
    [InlineData("GEMINI_API_KEY = " + NewKey, "a whole line")]
    [InlineData("X=" + Key, "a whole line")]
    [InlineData("set GEMINI_API_KEY=" + Key, "a whole line")]
    [InlineData("setx GEMINI_API_KEY " + Key, "a whole line")]
    [InlineData("$env:GEMINI_API_KEY=" + Key, "a whole line")]
    [InlineData("ENV GEMINI_API_KEY " + Key, "a whole line")]
    [InlineData("export X=any-other-shape-of-key", "a whole line")]
    [InlineData("GEMINI_API_KEY_SECONDARY=any-other-shape-of-key", "a whole line")]
    [InlineData("googleApiKey = any-other-shape-of-key", "a whole line")]
    [InlineData("--api-key=" + Key, "a whole line")]
    [InlineData("?key=" + Key, "a whole line")]
    [InlineData("x-goog-api-key: " + Key, "a whole line")]
    [InlineData("gemini_api_key: " + Key, "a whole line")]
    [InlineData("GEMINI_API_KEY=" + Key + "\nGOOGLE_API_KEY=" + Key, "a whole line")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/models?key=" + Key, "an address")]
    public void Value_KeyWithWhatCameAlong_IsRefusedInWordsThatQuoteNothingOfIt(string value, string what)
    {
        var (key, refusal) = ApiKey.Create(value);

        Assert.Null(key);
        Assert.Contains(what, refusal, StringComparison.Ordinal);
        Assert.Contains("store the key alone", refusal, StringComparison.Ordinal);
        var watch = new SecretWatch();
        watch.AddUpstreamKey(Key);
        watch.AddUpstreamKey(NewKey);
        watch.See("the refusal", refusal!);
        watch.AssertClean();
        Assert.Contains(PastedKey.Core(value), (string[])[Key, NewKey, "any-other-shape-of-key"]);
    }

    [Theory]
    [InlineData("your-key-here")]
    [InlineData("your-api-key")]
    [InlineData("YOUR_API_KEY")]
    [InlineData("YOUR_API_KEY_HERE")]
    [InlineData("your_gemini_api_key_here")]
    [InlineData("Your Gemini API Key")]
    [InlineData("YourApiKeyHere")]
    [InlineData("yourapikeyhere")]
    [InlineData("your-new-secondary-key")]
    [InlineData("YOUR_API_KEY_1")]
    [InlineData("AIzaSyYourKeyHere")]
    [InlineData("AIza-your-key")]
    [InlineData("<your-api-key>")]
    [InlineData("<primary key from AI Studio>")]
    [InlineData("[API KEY]")]
    [InlineData("{{GEMINI_API_KEY}}")]
    [InlineData("${GEMINI_API_KEY}")]
    [InlineData("$(GEMINI_API_KEY)")]
    [InlineData("$GEMINI_API_KEY")]
    [InlineData("%GEMINI_API_KEY%")]
    [InlineData("GEMINI_API_KEY")]
    [InlineData("GOOGLE_API_KEY")]
    [InlineData("my-gemini-api-key")]
    [InlineData("xxx")]
    [InlineData("XXXXXXXXXXXXXXXXXXXXXXXX")]
    [InlineData("xxxx-xxxx-xxxx-xxxx-xxxx")]
    [InlineData("AIzaSyXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX")]
    [InlineData("AIzaSyDxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("AIza...")]
    [InlineData("AIzaSy…")]
    [InlineData("AQ.…")]
    [InlineData("****************")]
    [InlineData("changeme")]
    [InlineData("CHANGE_ME")]
    [InlineData("ChangeMe123")]
    [InlineData("REPLACE_ME")]
    [InlineData("replace-with-your-key")]
    [InlineData("REPLACE_WITH_REAL_KEY")]
    [InlineData("insert-your-api-key-here")]
    [InlineData("INSERT_API_KEY")]
    [InlineData("paste-your-key-here")]
    [InlineData("put_your_key_here")]
    [InlineData("enter your key")]
    [InlineData("add-your-key")]
    [InlineData("placeholder")]
    [InlineData("key-placeholder")]
    [InlineData("example-api-key")]
    [InlineData("TODO")]
    public void Value_IsAPlaceholder_IsRefusedAsOne(string value)
    {
        var (key, refusal) = ApiKey.Create(value);

        Assert.Null(key);
        Assert.StartsWith("is a placeholder, not a key", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Key)]
    [InlineData(NewKey)]
    [InlineData("AIzaSyYourKeyHere_but-then-what-is-random-8dk")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxA1")]
    [InlineData("the-first-key-of-two")]
    [InlineData("the-primary-key-of-this-bench")]
    [InlineData("primary-key-000000000a")]
    [InlineData("AQ.ends-like-base64-0123456789==")]
    [InlineData("AQ.odd-key-0123456789&+/=")]
    [InlineData("any!shape\"of#key'is;accepted,{}")]
    [InlineData("abcd:efgh:ijkl:mnop")]
    [InlineData("EpBQFrMGJczo2Cuc=BV1D2cfpk")]
    [InlineData("A=BQFrMGJczo2Cuc=BV1D2cfpk")]
    public void Value_IsAnyOtherText_IsTaken(string value) => Assert.Equal(value, ApiKey.Create(value).Key?.Reveal());

    [Theory]
    [InlineData("AIzaSy-your-api-key-goes-here-1234567890")]
    [InlineData("AIzaSy_YOUR_KEY_HERE_0123456789")]
    [InlineData("AQ.my-api-key-1-2-3")]
    [InlineData("AIzaSyReplaceMe0")]
    public void Value_PlaceholderInTheFormOfAKey_IsRefused(string value) =>
        Assert.Contains("is a placeholder", ApiKey.Create(value).Refusal, StringComparison.Ordinal);

    // What is not one must be told from a placeholder without trying every way to cut it into words.
    [Fact]
    public void Value_IsLongAndNearlyAPlaceholder_IsJudgedAtOnce()
    {
        Assert.NotNull(ApiKey.Create(string.Concat(Enumerable.Repeat("your-key-", 100)) + "!").Key);
        Assert.NotNull(ApiKey.Create(new string('x', 1000) + "y").Key);
        Assert.NotNull(ApiKey.Create(new string('-', 1000) + "a").Key);
        Assert.Contains("longer than", ApiKey.Create(new string('-', 100_000) + "a").Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_IsInQuotes_IsNamedOnceAndTheOtherKeyServes()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_API_KEY_PRIMARY"] = $"\"{Key}\"" } });

        using var response = await edge.GenerateAsync();

        Assert.Equal(edge.Secondary.Value[^4..], response.Header("x-gemini-edge-key-id"));
        Assert.Equal(
            "The setting GEMINI_API_KEY_PRIMARY stands in quotes: store the key alone, without them.",
            (await edge.Log.WaitForAsync("configuration_warning"))["message"]!.GetValue<string>());
        Assert.DoesNotContain(edge.Sandbox.Requests, request => request.Key != edge.Secondary.Value);
    }

    [Fact]
    public async Task Secret_IsAWholeLine_IsNamedOnceAndTheSlotKeepsItsKey()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        test.Edge.Secrets.AddUpstreamKey(Key);
        test.Vault.Set(KeySlot.Primary.Secret(), $"export GEMINI_API_KEY={Key}");

        for (var refresh = 0; refresh < 3; refresh++)
        {
            test.MakeStale();
            Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        }

        await test.RingIsAsync(("PRIMARY", primary), ("SECONDARY", secondary));
        var message = Assert.Single(test.Edge.Log.Events, line => LogCapture.Name(line) == "configuration_warning")["message"]!.GetValue<string>();
        Assert.Contains("The secret GEMINI-API-KEY-PRIMARY (version ", message, StringComparison.Ordinal);
        Assert.Contains(" is a whole line, ", message, StringComparison.Ordinal);
        Assert.EndsWith("Until then its last key stays in use.", message, StringComparison.Ordinal);
    }

    // One on a command line stands in the shell's history and in the list of processes.
    [Theory]
    [InlineData("sk-0123456789abcdef", true)]
    [InlineData("'sk-0123456789abcdef'", true)]
    [InlineData("GEMINI_API_KEY=sk-0123456789abcdef", true)]
    [InlineData("--key=sk-0123456789abcdef", true)]
    [InlineData("sk-0123456789abcdef==", true)]
    [InlineData("--key='sk-0123456789abcdef'", true)]
    [InlineData("-sk-0123456789abcdef", false)]
    [InlineData("--a-long-option-of-edgectl", false)]
    [InlineData("--key=--another-long-option", false)]
    [InlineData("--key=", false)]
    [InlineData("https://vault.of-an-edge.example", false)]
    [InlineData("--vault=https://vault.of-an-edge.example", false)]
    [InlineData("SECONDARY", false)]
    [InlineData("", false)]
    public void IsIn_AnArgument_SaysWhetherAKeyStandsThere(string argument, bool expected) => Assert.Equal(expected, PastedKey.IsIn(argument));
}
