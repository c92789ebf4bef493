using GeminiEdge.Failover.Keys;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Tests.Configuration;

public class KeySettingsTests
{
    private const string First = "AIzaSy-first-key-0123456789";
    private const string Second = "AQ.second-key-9876543210";

    [Theory]
    [InlineData(First)]
    [InlineData(Second)]
    [InlineData("exactly-16-chars")]
    [InlineData("any!shape\"of#key'is;accepted,{}")]
    public void Key_AnyShapeOfSixteenCharactersOrMore_IsTaken(string key) => Assert.Equal([("PRIMARY", key)], Read(("PRIMARY", key)).Keys);

    [Theory]
    [InlineData(" " + First + " ")]
    [InlineData(First + "\n")]
    [InlineData("\r\n\t" + First + "\r\n")]
    public void Key_IsPadded_IsTrimmed(string key)
    {
        var (keys, sentences) = Read(("PRIMARY", key));

        Assert.Equal([("PRIMARY", First)], keys);
        Assert.Empty(sentences);
    }

    [Theory]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x)", "unresolved Key Vault reference")]
    [InlineData(" @microsoft.keyvault(VaultName=v;SecretName=x)", "unresolved Key Vault reference")]
    [InlineData("fifteen-chars-x", "shorter than 16 characters")]
    [InlineData("none", "shorter than 16 characters")]
    [InlineData(First + "\n" + Second, "line break")]
    [InlineData(First + " " + Second, "a space")]
    [InlineData("AIzaSy-ключ-0123456789", "outside ASCII")]
    [InlineData(First + "\u0000", "line break")]
    public void Key_CanNotBeOne_IsRefusedInASentenceThatNamesItsSetting(string key, string reason)
    {
        var (keys, sentences) = Read(("PRIMARY", key), ("SECONDARY", Second));

        Assert.Equal([("SECONDARY", Second)], keys);
        var sentence = Assert.Single(sentences);
        Assert.StartsWith("The setting GEMINI_API_KEY_PRIMARY ", sentence, StringComparison.Ordinal);
        Assert.Contains(reason, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain(First[..8], sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_IsLongerThanAKeyCanBe_IsRefused() => Assert.Contains("longer than", Assert.Single(Read(("3", new string('a', 1025))).Sentences), StringComparison.Ordinal);

    [Fact]
    public void Keys_SeveralAreFaulty_EachIsNamedAtOnce() =>
        Assert.Equal(3, Read(("PRIMARY", "x"), ("SECONDARY", "y z"), ("9", "@Microsoft.KeyVault(x)")).Sentences.Length);

    [Fact]
    public void Old_IsASetting_IsTakenWithAWarning()
    {
        var (keys, sentences) = Read(("OLD", First));

        Assert.Equal([("OLD", First)], keys);
        Assert.Contains("GEMINI_API_KEY_OLD never expires", Assert.Single(sentences), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_SameValueTwice_IsOneKeyInTheFirstOfItsSlots()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Keys = 0,
            Settings =
            {
                ["GEMINI_API_KEY_OLD"] = First, ["GEMINI_API_KEY_3"] = Second, ["GEMINI_API_KEY_SECONDARY"] = " " + First, ["GEMINI_API_KEY_9"] = Second, ["GEMINI_API_KEY_PRIMARY"] = "",
            },
        });

        Assert.Equal(["SECONDARY=6789", "3=3210"], edge.Ring.Keys.Select(key => $"{key.Slot.Name()}={key.Id}"));
    }

    [Fact]
    public async Task Keys_SomeAreFaulty_TheOthersServe()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_API_KEY_PRIMARY"] = "short", ["GEMINI_API_KEY_OLD"] = First } });

        var response = await edge.GenerateAsync();

        Assert.Equal(edge.Secondary.Value[^4..], response.Headers.GetValues("x-gemini-edge-key-id").Single());
        var warnings = await edge.Log.WaitForAsync("configuration_warning", 2);
        Assert.Equal(["GEMINI_API_KEY_PRIMARY", "GEMINI_API_KEY_OLD"], warnings.Select(line => line["message"]!.GetValue<string>().Split(' ')[2]));
    }

    // An id is the key's last four characters, whatever they are; the upload's URL carries it from request to request.
    [Fact]
    public async Task Upload_KeyEndsInCharactersThatAUrlEscapes_IsGoneOnWith()
    {
        const string Key = "AQ.odd-key-0123456789&+/=";
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Keys = 0, Settings = { ["GEMINI_API_KEY_PRIMARY"] = Key } });
        edge.Sandbox.AddKey(Key);
        var start = await edge.PostAsync("/upload/v1beta/files", "{}", request =>
        {
            request.Headers.Add("X-Goog-Upload-Protocol", "resumable");
            request.Headers.Add("X-Goog-Upload-Command", "start");
        });

        var url = new Uri(start.Headers.GetValues("x-goog-upload-url").Single());
        var answer = await RawHttp.ExchangeAsync(edge,
            RawHttp.Head(edge, "POST", url.PathAndQuery, "X-Goog-Upload-Command: upload, finalize", "X-Goog-Upload-Offset: 0", "Content-Length: 3") + "\r\nabc");

        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("gemini_edge_key_id", edge.Sandbox.Requests[^1].Target, StringComparison.Ordinal);
    }

    private static ((string Slot, string Value)[] Keys, string[] Sentences) Read(params ReadOnlySpan<(string Slot, string Value)> settings)
    {
        var values = new Dictionary<string, string?>();
        foreach (var (slot, value) in settings)
        {
            values["GEMINI_API_KEY_" + slot] = value;
        }

        var (keys, refusals) = new SettingsKeySource(new ConfigurationBuilder().AddInMemoryCollection(values).Build()).Read();
        return ([.. keys.Select(key => (key.Slot.Name(), key.Key.Reveal()))], [.. refusals]);
    }
}
