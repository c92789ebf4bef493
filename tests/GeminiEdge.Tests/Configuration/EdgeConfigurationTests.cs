using GeminiEdge.Configuration;
using GeminiEdge.Failover.Forwarding;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Tests.Configuration;

public class EdgeConfigurationTests
{
    private static readonly string[] OtherSettings =
        ["GEMINI_BASE_URL", "GEMINI_MODEL", "GEMINI_MODEL_PINS", "GEMINI_FALLBACK_MODELS", "GEMINI_EDGE_PUBLIC_URL", "GEMINI_EDGE_CLIENT_KEYS", "GEMINI_EDGE_ADMIN_KEYS", "GEMINI_KEYVAULT_URI", "GEMINI_EDGE_FLEET"];

    [Fact]
    public void Settings_NoneIsSet_AreTheDefaults()
    {
        var settings = Read();

        Assert.Empty(settings.Problems);
        Assert.Equal(("https://generativelanguage.googleapis.com", "gemini-flash-latest", null), (settings.Forwarding.BaseUrl, settings.Forwarding.DefaultModel, settings.Origin.PublicUrl));
        Assert.Equal((KeySelection.Ordered, 502, 20L << 20, 256L << 20), (settings.Forwarding.Selection, settings.Forwarding.ExhaustedStatus, settings.Forwarding.BodyLimit, settings.Forwarding.BufferLimit));
        Assert.Equal([200, 30, 5, 200, 30], new[] { settings.Forwarding.Deadline, settings.Forwarding.Reserve, settings.Forwarding.ConnectTimeout, settings.Forwarding.IdleTimeout, settings.Keys.RefreshInterval }.Select(time => time.TotalSeconds));
        Assert.True(settings.Access.ClientKeys.IsEmpty && settings.Access.AdminKeys.IsEmpty);
    }

    [Theory]
    [InlineData("https://my-vault.vault.azure.net/", true)]
    [InlineData("https://my-vault.vault.azure.net", true)]
    [InlineData("http://my-vault.vault.azure.net/", false)]
    [InlineData("https://my-vault.vault.azure.net/secrets/GEMINI-API-KEY-PRIMARY", false)]
    [InlineData("my-vault.vault.azure.net", false)]
    public void VaultUri_IsTheAddressOfAVault_OrAProblem(string uri, bool isOne)
    {
        var settings = Read(("GEMINI_KEYVAULT_URI", uri));

        Assert.Equal(isOne, settings.Problems.IsEmpty);
        Assert.Equal(isOne ? "https://my-vault.vault.azure.net/" : null, settings.Keys.VaultUri?.AbsoluteUri);
    }

    [Theory]
    [InlineData("https://my-account.table.core.windows.net/", true)]
    [InlineData("https://127.0.0.1:10002/devstoreaccount1", true)]
    [InlineData("http://127.0.0.1:10002/devstoreaccount1", true)]
    [InlineData("http://my-account.table.core.windows.net/", false)]
    [InlineData("https://my-account.table.core.windows.net/?sv=2020&sig=abc", false)]
    [InlineData("my-account", false)]
    public void Fleet_IsTheAddressOfAccountsTables_OrAProblem(string address, bool isOne)
    {
        var settings = Read(("GEMINI_EDGE_FLEET", address));

        Assert.Equal(isOne, settings.Problems.IsEmpty);
        Assert.Equal(isOne ? new Uri(address) : null, settings.Fleet?.Endpoint);
        Assert.All(settings.Problems, problem => Assert.Contains("GEMINI_EDGE_FLEET", problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Fleet_NamesTheInstance_ByWhatAzureSaysOfIt()
    {
        var fleet = ("GEMINI_EDGE_FLEET", "https://my-account.table.core.windows.net/");

        Assert.Equal(("my-app", "i-1", "West Europe"), Place(Read(fleet, ("WEBSITE_SITE_NAME", "my-app"), ("WEBSITE_INSTANCE_ID", "i-1"), ("CONTAINER_NAME", "c-1"), ("REGION_NAME", "West Europe"))));
        Assert.Equal(("local", "c-1", ""), Place(Read(fleet, ("CONTAINER_NAME", "c-1"), ("WEBSITE_POD_NAME", "p-1"))));
        Assert.Equal(("local", "p-1", ""), Place(Read(fleet, ("WEBSITE_POD_NAME", "p-1"))));
        Assert.EndsWith($"-{Environment.ProcessId}", Place(Read(fleet)).Instance, StringComparison.Ordinal);
        Assert.Equal(128, Place(Read(fleet, ("WEBSITE_INSTANCE_ID", new string('i', 500)))).Instance.Length);

        static (string App, string Instance, string Region) Place(EdgeConfiguration settings) => (settings.Fleet!.App, settings.Fleet.Instance, settings.Fleet.Region);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\t\r\n")]
    public void Settings_AllAreEmpty_CountAsUnset(string empty)
    {
        string[] names =
        [
            .. OtherSettings, "GeminiEdge:Selection", "GeminiEdge:Deadline", "GeminiEdge:Reserve", "GeminiEdge:ConnectTimeout", "GeminiEdge:IdleTimeout",
            "GeminiEdge:ExhaustedStatus", "GeminiEdge:BodyLimit", "GeminiEdge:BufferLimit", "GeminiEdge:RefreshInterval", "AZURE_CLIENT_ID",
        ];

        var settings = Read([.. names.Select(name => (name, empty))]);

        Assert.Empty(settings.Problems);
        Assert.Equal("https://generativelanguage.googleapis.com", settings.Forwarding.BaseUrl);
        Assert.Equal(20L << 20, settings.Forwarding.BodyLimit);
    }

    [Fact]
    public void Options_AllAreFaulty_EachIsNamedAtOnceWithWhatItIs()
    {
        (string Name, string Value)[] faults =
        [
            ("BodyLimit", "20MB"), ("BufferLimit", "-1"), ("ConnectTimeout", "5"), ("Deadline", "soon"), ("IdleTimeout", "00:00:00"), ("Reserve", "1.00:00:00"),
            ("Selection", "Random"), ("ExhaustedStatus", "503"), ("UpstreamHttp", "3"), ("Hedge", "Perhaps"), ("ExtraAttempts", "a tenth"), ("Patience", "-1"), ("RefreshInterval", "30"), ("Deadlin", "00:01:00"),
        ];

        var problems = Read([.. faults.Select(fault => ("GeminiEdge:" + fault.Name, fault.Value)), ("GEMINI_BASE_URL", "x"), ("GEMINI_MODEL", "a b"), ("GEMINI_MODEL_PINS", "a b"), ("GEMINI_FALLBACK_MODELS", "a b"),
            ("GEMINI_EDGE_PUBLIC_URL", "edge.example"), ("GEMINI_EDGE_CLIENT_KEYS", "a b"), ("GEMINI_EDGE_ADMIN_KEYS", "é"), ("GEMINI_KEYVAULT_URI", "my-vault"),
            ("GEMINI_EDGE_FLEET", "my-account")]).Problems;

        Assert.Equal(23, problems.Length);
        Assert.All(faults[..^1], fault => Assert.Single(problems, problem =>
            problem.StartsWith($"The setting GeminiEdge__{fault.Name} is ", StringComparison.Ordinal) && problem.EndsWith($"it is '{fault.Value}'.", StringComparison.Ordinal)));
        Assert.Single(problems, problem => problem.StartsWith("The setting GeminiEdge__Deadlin is not known.", StringComparison.Ordinal) && problem.Contains("Deadline", StringComparison.Ordinal));
        Assert.All(OtherSettings,
            name => Assert.Single(problems, problem => problem.StartsWith($"The setting {name} ", StringComparison.Ordinal)));
        Assert.All(problems, problem => Assert.EndsWith(".", problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Selection", "1")]
    [InlineData("Selection", "Ordered,RoundRobin")]
    [InlineData("Selection", "2")]
    [InlineData("UpstreamHttp", "Http2")]
    [InlineData("Hedge", "1")]
    [InlineData("ExtraAttempts", "101")]
    [InlineData("ExtraAttempts", "-1")]
    [InlineData("ExtraAttempts", "0.1")]
    [InlineData("UpstreamHttp", "2.0")]
    [InlineData("Deadline", "0:3:20:0")]
    [InlineData("Deadline", "-00:01:00")]
    [InlineData("Deadline", "00:03:50")]
    [InlineData("Deadline", "00:00:30")]
    [InlineData("Reserve", "00:03:20")]
    [InlineData("ConnectTimeout", "00:03:20")]
    [InlineData("ConnectTimeout", "00:00:00.0001")]
    [InlineData("BodyLimit", "1023")]
    [InlineData("BodyLimit", "1073741825")]
    [InlineData("BodyLimit", "1e6")]
    [InlineData("BodyLimit", "100000000")]
    [InlineData("BufferLimit", "1,000,000")]
    [InlineData("BufferLimit", "1048576")]
    [InlineData("Limits:Body", "1048576")]
    public void Options_ValueIsOutOfRangeOrAgainstAnother_IsOneProblem(string name, string value) =>
        Assert.Contains($"GeminiEdge__{name.Split(':')[0]}", Assert.Single(Read(("GeminiEdge:" + name, value)).Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("selection", "roundrobin")]
    [InlineData("Selection", " RoundRobin ")]
    [InlineData("DEADLINE", "00:03:49")]
    [InlineData("BodyLimit", "67108864")]
    [InlineData("BufferLimit", "2147483648")]
    [InlineData("ExtraAttempts", "0")]
    [InlineData("ExtraAttempts", "10 %")]
    [InlineData("Hedge", "sameproject")]
    public void Options_ValueIsValid_IsTaken(string name, string value) => Assert.Empty(Read(("GeminiEdge:" + name, value)).Problems);

    [Theory]
    [InlineData("a=b,c;d=e", "a", "b c")]
    [InlineData(" models/a = models/b , c ; ", "a", "b c")]
    [InlineData("a=b,c;d=e", "e", "")]
    [InlineData("a=b,a,b", "a", "b")]
    public void FallbackModels_AreReadInTheirOrder(string text, string model, string next) =>
        Assert.Equal(next, string.Join(' ', Read(("GEMINI_FALLBACK_MODELS", text)).Forwarding.FallbackModels.Of(model)));

    [Theory]
    [InlineData("a", "entry 1 does not begin with the name of a model and one equals sign")]
    [InlineData("a=b=c", "does not begin with")]
    [InlineData("a=", "names in its entry 1 no model after the equals sign")]
    [InlineData("a=a", "names in its entry 1 no model")]
    [InlineData("a=b c", "names in its entry 1 something that is no model")]
    [InlineData("a=b,c,d,e", "names in its entry 1 more than 3 further models")]
    [InlineData("a=b;a=c", "names in its entry 2 a model that has one already")]
    public void FallbackModels_ThatAreNone_AreOneProblem(string text, string fault)
    {
        var problem = Assert.Single(Read(("GEMINI_FALLBACK_MODELS", text)).Problems);

        Assert.StartsWith("The setting GEMINI_FALLBACK_MODELS ", problem, StringComparison.Ordinal);
        Assert.Contains(fault, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://generativelanguage.googleapis.com")]
    [InlineData("http://10.0.0.1")]
    [InlineData("http://localhost.evil")]
    [InlineData("http://127.0.0.1.evil")]
    [InlineData("http://127.0.0.1@evil.example")]
    [InlineData("https://user:password@evil.example")]
    [InlineData("https://example.com/?key=x")]
    [InlineData("https://example.com/#x")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("file:///etc/passwd")]
    [InlineData("//example.com")]
    [InlineData("example.com")]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x)")]
    public void BaseUrl_IsNeitherHttpsNorLoopback_IsRefused(string url) =>
        Assert.Contains("GEMINI_BASE_URL", Assert.Single(Read(("GEMINI_BASE_URL", url)).Problems), StringComparison.Ordinal);

    // What an answer names as its address is compared with this one.
    [Theory]
    [InlineData("https://b\u00fccher.example")]
    [InlineData("https://example.com/a b")]
    [InlineData("https://example.com/\u00e9")]
    [InlineData("https:\\\\example.com")]
    public void Address_IsNotAsItIsSent_IsRefused(string url)
    {
        foreach (var name in new[] { "GEMINI_BASE_URL", "GEMINI_EDGE_PUBLIC_URL" })
        {
            Assert.StartsWith($"The setting {name} has a space, a backslash or a letter outside ASCII in it: ", Assert.Single(Read((name, url)).Problems), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("https://example.com", "https://example.com")]
    [InlineData(" https://example.com/ ", "https://example.com")]
    [InlineData("https://example.com/gateway/", "https://example.com/gateway")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    [InlineData("http://localhost", "http://localhost")]
    [InlineData("http://[::1]:8080/", "http://[::1]:8080")]
    public void BaseUrl_IsHttpsOrLoopback_IsTaken(string url, string taken)
    {
        var settings = Read(("GEMINI_BASE_URL", url));

        Assert.Empty(settings.Problems);
        Assert.Equal(taken, settings.Forwarding.BaseUrl);
    }

    [Theory]
    [InlineData("GEMINI_EDGE_CLIENT_KEYS", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x)")]
    [InlineData("GEMINI_EDGE_ADMIN_KEYS", "@microsoft.keyvault(VaultName=v;SecretName=x)")]
    [InlineData("GEMINI_EDGE_CLIENT_KEYS", "a-good-key-of-callers, @Microsoft.KeyVault(x)")]
    public void PresentedKeys_ReferenceIsUnresolved_IsRefusedAsSuch(string name, string value)
    {
        var settings = Read((name, value));

        var problem = Assert.Single(settings.Problems);
        Assert.StartsWith($"The setting {name} is an unresolved Key Vault reference", problem, StringComparison.Ordinal);
        Assert.True(settings.Access.ClientKeys.IsEmpty && settings.Access.AdminKeys.IsEmpty);
    }

    [Theory]
    [InlineData("a,,b", "number 1 of 2")]
    [InlineData("a-good-key-of-callers, fifteen-letters", "number 2 of 2")]
    [InlineData("short", "number 1 of 1")]
    public void PresentedKeys_OneCouldBeGuessed_IsNamedByItsPlaceAndNoneIsTaken(string value, string place)
    {
        foreach (var name in new[] { "GEMINI_EDGE_CLIENT_KEYS", "GEMINI_EDGE_ADMIN_KEYS" })
        {
            var settings = Read((name, value));

            var problem = Assert.Single(settings.Problems);
            Assert.StartsWith($"The setting {name} holds a key of fewer than 16 characters ({place})", problem, StringComparison.Ordinal);
            Assert.DoesNotContain("fifteen", problem, StringComparison.Ordinal);
            Assert.True(settings.Access.ClientKeys.IsEmpty && settings.Access.AdminKeys.IsEmpty);
        }
    }

    [Fact]
    public void PresentedKeys_SixteenCharactersEach_AreTaken()
    {
        var settings = Read(("GEMINI_EDGE_CLIENT_KEYS", "sixteen-letters-, another-key-of-callers,"));

        Assert.Empty(settings.Problems);
        Assert.Equal(["sixteen-letters-", "another-key-of-callers"], settings.Access.ClientKeys.Values);
    }

    private static EdgeConfiguration Read(params ReadOnlySpan<(string Name, string Value)> settings)
    {
        var values = new Dictionary<string, string?>();
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }

        return EdgeConfiguration.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), Hosting.Standalone);
    }
}
