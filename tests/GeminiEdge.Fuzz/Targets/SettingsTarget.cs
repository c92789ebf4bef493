using GeminiEdge.Configuration;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>Settings, a <c>NAME=value</c> a line: each gives options that work, or a sentence that names it and quotes nothing long.</summary>
internal static class SettingsTarget
{
    private const int LongestQuote = 15;

    public static void Run(byte[] input)
    {
        var settings = Read(FuzzInput.Text(input));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        foreach (var hosting in Enum.GetValues<Hosting>())
        {
            var read = EdgeConfiguration.Read(configuration, hosting);
            foreach (var problem in read.Problems)
            {
                Promise.That(problem.EndsWith('.'), "What is wrong is a sentence.");
                Promise.That(problem.Contains("GEMINI_", StringComparison.Ordinal) || problem.Contains("GeminiEdge__", StringComparison.Ordinal), "What is wrong is named.");
                CheckQuotes(problem, settings);
            }

            CheckOptions(read);
        }

        var (values, warnings) = new SettingsKeySource(configuration).Read();
        Promise.That(!values.Any(value => warnings.Any(warning => warning.Contains(value.Key.Reveal(), StringComparison.Ordinal))), "A warning holds no key.");
    }

    private static void CheckQuotes(string problem, Dictionary<string, string?> settings)
    {
        foreach (var (name, value) in settings)
        {
            Promise.That(
                value is null || value.Trim().Length <= LongestQuote || name.Contains(value.Trim(), StringComparison.Ordinal) || problem.Contains($"'{value}'", StringComparison.Ordinal) is false,
                "What may be a key is not quoted.");
        }
    }

    private static void CheckOptions(EdgeConfiguration read)
    {
        var forwarding = read.Forwarding;
        Promise.That(forwarding.Deadline > TimeSpan.Zero && forwarding.IdleTimeout > TimeSpan.Zero && forwarding.ConnectTimeout > TimeSpan.Zero, "A time is more than none.");
        Promise.That(forwarding.ExtraAttempts is >= 0 and <= 100 && forwarding.ExhaustedStatus is 502 or 429, "A number is one of those that are allowed.");
        Promise.That(forwarding.BodyLimit >= 1024 && (!read.Problems.IsEmpty || 3 * forwarding.BodyLimit <= forwarding.BufferLimit), "A body has room.");
        CheckOrigin(forwarding.BaseUrl);
        if (read.Origin.PublicUrl is { } origin)
        {
            _ = new Uri(origin);
            Promise.That(origin.All(letter => letter is >= '!' and <= '~'), "The edge's own address goes into a header.");
        }

        Promise.That(read.Fleet is null || (read.Fleet.App.Length <= 128 && read.Fleet.Instance.Length <= 128), "A row's key has room.");
        Promise.That(read.Keys.VaultUri is null or { Scheme: "https", AbsolutePath: "/" }, "A vault is an https origin.");
        Promise.That(read.Access.ClientKeys.Values.All(key => key.Length >= ApiKey.MinimumLength), "What can be guessed is no key.");
    }

    private static void CheckOrigin(string baseUrl)
    {
        Promise.That(RawAddress.Parse(baseUrl) is { Origin: not null, Query: "" }, "The upstream's address can be compared with another.");
        var upstream = new Uri(baseUrl);
        Promise.That(upstream.Scheme == "https" || upstream.IsLoopback, "Keys go over TLS, or to this machine.");
        var address = new Uri(baseUrl + "/v1beta/models/m:generateContent", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        Promise.Same(upstream.Authority, address.Authority, "A request goes to the upstream.");
        Promise.That(address.PathAndQuery.EndsWith("/v1beta/models/m:generateContent", StringComparison.Ordinal), "A request asks for its own path.");
    }

    private static Dictionary<string, string?> Read(string text)
    {
        Dictionary<string, string?> settings = new(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n'))
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var end)
            {
                settings[line[..end].Replace("__", ":", StringComparison.Ordinal)] = line[(end + 1)..];
            }
        }

        return settings;
    }
}
