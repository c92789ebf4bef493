using GeminiEdge.Failover;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Tests.Failover;

/// <summary>What is wrong is said when an app starts, not at its first call.</summary>
public sealed class RegistrationTests
{
    private const string Key = "a-key-of-sixteen-or-more";
    private static readonly IConfiguration Settings = new ConfigurationBuilder().AddInMemoryCollection([new("GEMINI_API_KEY_PRIMARY", Key)]).Build();
    private static readonly Uri Vault = new("https://my-vault.vault.azure.net/");

    [Fact]
    public void NoKey_SaysWhereToSetOne() => AssertRefused(_ => { }, "GeminiFailover has no key: set Keys, as in AddGeminiFailover(options => options.Keys = [primary, secondary]), or Configuration, or VaultUri.");

    [Theory]
    [InlineData("", "GeminiFailover's key 2 is blank: leave it out, or give it its value.")]
    [InlineData(" \n", "GeminiFailover's key 2 is blank: leave it out, or give it its value.")]
    [InlineData("short", "GeminiFailover's key 2 is shorter than 16 characters: paste the whole key.")]
    [InlineData("a-key-of-sixteen or-more", "GeminiFailover's key 2 holds a line break, a space or a character outside ASCII: store the key alone, on one line.")]
    [InlineData("\"a-key-of-sixteen-or-more\"", "GeminiFailover's key 2 stands in quotes: store the key alone, without them.")]
    [InlineData("Bearer a-key-of-sixteen-or-more", "GeminiFailover's key 2 begins with the word Bearer: store the key alone, without it.")]
    [InlineData("export X=a-key-of-sixteen-or-more", "GeminiFailover's key 2 is a whole line, as export NAME=key or NAME: key: store the key alone, which stands behind the name.")]
    [InlineData("your-key-here", "GeminiFailover's key 2 is a placeholder, not a key: make a key at https://aistudio.google.com/apikey and store that.")]
    public void Key_ThatCantBeOne_IsNamedByItsPlaceAndNeverQuoted(string second, string sentence) => AssertRefused(options => options.Keys = [Key, second], sentence);

    [Fact]
    public void TwoSources_AreRefused()
    {
        const string Sentence = "GeminiFailover has more than one source of keys: set one of Keys, Configuration and VaultUri, and leave the others out.";
        AssertRefused(options => (options.Keys, options.VaultUri) = ([Key], Vault), Sentence);
        AssertRefused(options => (options.Keys, options.Configuration) = ([Key], Settings), Sentence);
        AssertRefused(options => (options.Configuration, options.VaultUri) = (Settings, Vault), Sentence);
    }

    [Fact]
    public void Twice_IsRefused()
    {
        var services = new ServiceCollection().AddGeminiFailover(Key);

        var error = Assert.Throws<InvalidOperationException>(() => services.AddGeminiFailover(Settings));

        Assert.Equal("AddGeminiFailover was called twice: call it once, with all the keys; one ring serves every client of the app.", error.Message);
    }

    [Fact]
    public void TooManyKeys_AreRefused() => AssertRefused(options => options.Keys = [.. Enumerable.Range(0, 10).Select(i => $"{Key}-{i}")], "GeminiFailover has 10 keys: give it at most 9.");

    [Theory]
    [InlineData(null, null, "GeminiFailover's configuration holds no key: set GEMINI_API_KEY_PRIMARY, or GEMINI_KEYVAULT_URI.")]
    [InlineData("GEMINI_API_KEY_PRIMARY", "short", "GeminiFailover's configuration holds no key: set GEMINI_API_KEY_PRIMARY, or GEMINI_KEYVAULT_URI. The setting GEMINI_API_KEY_PRIMARY is shorter than 16 characters: paste the whole key.")]
    [InlineData("GeminiEdge:Deadline", "soon", "The setting GeminiEdge__Deadline is a duration as hh:mm:ss, more than zero and at most an hour; it is 'soon'.")]
    [InlineData("GEMINI_KEYVAULT_URI", "my-vault", "The setting GEMINI_KEYVAULT_URI is the address of a key vault, as https://my-vault.vault.azure.net/.")]
    public void Configuration_ThatIsWrong_IsSaidAsAnEdgeSaysIt(string? name, string? value, string sentence) => AssertRefused(
        options => options.Configuration = new ConfigurationBuilder().AddInMemoryCollection(name is null ? [] : [new(name, value)]).Build(), sentence);

    [Theory]
    [InlineData("http://example.com/")]
    [InlineData("ftp://example.com/")]
    public void BaseUrl_ThatShowsKeys_IsRefused(string address) => AssertRefused(
        options => (options.Keys, options.BaseUrl) = ([Key], new Uri(address)),
        "GeminiFailover's BaseUrl is an https:// address (http:// for this machine alone): a key sent over plain http could be read on the way.");

    // What an answer names as its address is compared with it.
    [Fact]
    public void BaseUrl_WithLettersOutsideAscii_IsAsItIsSent() => Assert.Equal(
        "https://xn--bcher-kva.example/a%C3%A9",
        GivenKeys.Of(new GeminiFailoverOptions { Keys = [Key], BaseUrl = new Uri("https://b\u00fccher.example/a\u00e9/") }).Forwarding.BaseUrl);

    [Theory]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/openai/")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta")]
    [InlineData("https://generativelanguage.googleapis.com/?key=x")]
    public void BaseUrl_ThatGoesBeyondTheOrigin_IsRefused(string address) => AssertRefused(
        options => (options.Keys, options.BaseUrl) = ([Key], new Uri(address)),
        "GeminiFailover's BaseUrl ends before the version: https://generativelanguage.googleapis.com/, without v1beta or openai. The SDK's own address has them.");

    [Theory]
    [InlineData("Deadline", "00:00:00")]
    [InlineData("IdleTimeout", "-00:00:05")]
    [InlineData("RefreshInterval", "1.00:00:00")]
    public void Duration_OutOfRange_IsNamed(string name, string duration)
    {
        var value = TimeSpan.Parse(duration, System.Globalization.CultureInfo.InvariantCulture);
        AssertRefused(
            options =>
            {
                options.Keys = [Key];
                _ = name switch
                {
                    "Deadline" => options.Deadline = value,
                    "IdleTimeout" => options.IdleTimeout = value,
                    _ => options.RefreshInterval = value,
                };
            },
            $"GeminiFailover's {name} is {value}: set more than zero and at most an hour.");
    }

    [Theory]
    [InlineData("http://my-vault.vault.azure.net/")]
    [InlineData("https://my-vault.vault.azure.net/secrets/x")]
    public void VaultUri_ThatIsNoVault_IsRefused(string address) => AssertRefused(
        options => options.VaultUri = new Uri(address), "GeminiFailover's VaultUri is the address of a key vault, as https://my-vault.vault.azure.net/.");

    [Fact]
    public void SameKeyTwice_IsOneWarning()
    {
        using var log = new EventCapture();
        using var client = new GeminiFailoverClient(new GeminiFailoverOptions { Keys = [Key, $" {Key}"] }, log);

        Assert.Equal(
            "GeminiFailover's key 1 and GeminiFailover's key 2 hold the same key (key_id more): there is no standby, and when this key fails every request does. Store another key in GeminiFailover's key 2.",
            Assert.Single(log.Named("configuration_warning")).Fields["message"]);
    }

    [Fact]
    public void Constructors_SayTheSame()
    {
        Assert.Contains("has no key", Assert.Throws<InvalidOperationException>(() => new GeminiFailoverHandler([])).Message, StringComparison.Ordinal);
        Assert.Contains("key 1 is blank", Assert.Throws<InvalidOperationException>(() => new GeminiFailoverClient(" ")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_ShareOneRingAndLogThroughTheApp()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = GeminiEdge.Sandbox.Gemini.SandboxKeyState.Invalid;
        using var log = new EventCapture();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(log))
            .AddGeminiFailover(options => (options.Keys, options.BaseUrl) = (bed.Options.Keys, bed.Options.BaseUrl));
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<GeminiFailoverClient>().GenerateAsync("Say hello");
        using (var http = new HttpClient(provider.GetRequiredService<GeminiFailoverHandler>()) { BaseAddress = bed.Sandbox.BaseUrl })
        {
            using var models = await http.GetAsync("v1beta/models");
            Assert.True(models.IsSuccessStatusCode);
        }

        // The dead key costs the app one attempt, whoever made it; and a handler that is gone has closed nothing.
        Assert.Single(log.Named("gemini_fail"));
        Assert.Equal(2, log.Named("gemini_ok").Count);
        Assert.Single(log.Named("ring_changed"));
        await provider.GetRequiredService<GeminiFailoverClient>().GenerateAsync("Say hello");
    }

    private static void AssertRefused(Action<GeminiFailoverOptions> configure, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddGeminiFailover(configure)).Message);
}
