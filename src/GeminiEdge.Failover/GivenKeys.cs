using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Settings;

namespace GeminiEdge.Failover;

/// <summary>What follows from <see cref="GeminiFailoverOptions"/>, or the sentence that says what to change in them.</summary>
internal sealed record GivenKeys(StartKeys Start, KeyOptions Keys, ForwardingOptions Forwarding)
{
    private const int MostKeys = 9;
    private const string Example = "as in AddGeminiFailover(options => options.Keys = [primary, secondary])";

    /// <exception cref="InvalidOperationException">No source of keys, more than one, a blank or unusable key, or a setting that is wrong.</exception>
    public static GivenKeys Of(GeminiFailoverOptions options)
    {
        var sources = (options.Keys.Count > 0 ? 1 : 0) + (options.Configuration is null ? 0 : 1) + (options.VaultUri is null ? 0 : 1);
        return sources switch
        {
            0 => throw new InvalidOperationException($"GeminiFailover has no key: set Keys, {Example}, or Configuration, or VaultUri."),
            > 1 => throw new InvalidOperationException("GeminiFailover has more than one source of keys: set one of Keys, Configuration and VaultUri, and leave the others out."),
            _ => options.Configuration is { } configuration ? Read(new SettingReader(configuration), new SettingsKeySource(configuration).Read) : Listed(options),
        };
    }

    private static GivenKeys Read(SettingReader settings, StartKeys start)
    {
        var given = new GivenKeys(start, KeyOptions.Read(settings), ForwardingOptions.Read(settings));
        if (!settings.Problems.IsEmpty)
        {
            throw new InvalidOperationException(string.Join(' ', settings.Problems));
        }

        var (values, warnings) = start();
        return values.IsEmpty && given.Keys.VaultUri is null
            ? throw new InvalidOperationException(string.Join(' ', ["GeminiFailover's configuration holds no key: set GEMINI_API_KEY_PRIMARY, or GEMINI_KEYVAULT_URI.", .. warnings]))
            : given;
    }

    private static GivenKeys Listed(GeminiFailoverOptions options)
    {
        if (options.Keys.Count > MostKeys)
        {
            throw new InvalidOperationException($"GeminiFailover has {options.Keys.Count} keys: give it at most {MostKeys}.");
        }

        var values = options.Keys.Select((text, index) => new SlotValue((KeySlot)index, Key(text, index + 1))).ToImmutableArray();
        if (options.VaultUri is { } vault && !(vault is { IsAbsoluteUri: true, Scheme: "https", AbsolutePath: "/" } && vault.Query.Length == 0))
        {
            throw new InvalidOperationException("GeminiFailover's VaultUri is the address of a key vault, as https://my-vault.vault.azure.net/.");
        }

        if (!ModelName.IsValid(options.Model))
        {
            throw new InvalidOperationException("GeminiFailover's Model is the name of a model: letters, digits, dots, dashes and underscores, at most 128 of them.");
        }

        foreach (var (name, duration) in new[] { ("RefreshInterval", options.RefreshInterval), ("Deadline", options.Deadline), ("IdleTimeout", options.IdleTimeout) })
        {
            if (duration < TimeSpan.FromMilliseconds(1) || duration > TimeSpan.FromHours(1))
            {
                throw new InvalidOperationException($"GeminiFailover's {name} is {duration}: set more than zero and at most an hour.");
            }
        }

        if (options.Patience < TimeSpan.Zero || options.Patience > TimeSpan.FromHours(1))
        {
            throw new InvalidOperationException($"GeminiFailover's Patience is {options.Patience}: set at most an hour, or zero for none.");
        }

        if (!ForwardingOptions.ExhaustedStatuses.Contains(options.ExhaustedStatus))
        {
            throw new InvalidOperationException($"GeminiFailover's ExhaustedStatus is {options.ExhaustedStatus}: set {string.Join(" or ", ForwardingOptions.ExhaustedStatuses)}.");
        }

        ImmutableArray<string> warnings = SameKeys.Warning(values, static slot => $"GeminiFailover's key {(int)slot + 1}") is { } same ? [same] : [];
        return new GivenKeys(
            () => (values, warnings),
            new KeyOptions { VaultUri = options.VaultUri, RefreshInterval = options.RefreshInterval },
            new ForwardingOptions
            {
                BaseUrl = BaseUrl(options.BaseUrl),
                DefaultModel = ModelName.WithoutPrefix(options.Model),
                Deadline = options.Deadline,
                Reserve = Shorter(new ForwardingOptions().Reserve, options.Deadline / 3),
                ConnectTimeout = Shorter(new ForwardingOptions().ConnectTimeout, options.Deadline / 3),
                IdleTimeout = options.IdleTimeout,
                Patience = options.Patience,
                ExhaustedStatus = options.ExhaustedStatus,
            });
    }

    private static string BaseUrl(Uri address)
    {
        if (!address.IsAbsoluteUri || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) || address.UserInfo.Length > 0)
        {
            throw new InvalidOperationException("GeminiFailover's BaseUrl is an https:// address (http:// for this machine alone): a key sent over plain http could be read on the way.");
        }

        // The handler has to see which of Google's two dialects a request speaks.
        return address.Query.Length == 0 && !address.Segments.Any(segment => segment.TrimEnd('/') is "v1" or "v1beta" or "v1alpha" or "openai")
            ? new UriBuilder(address) { Host = address.IdnHost }.Uri.GetLeftPart(UriPartial.Path).TrimEnd('/')
            : throw new InvalidOperationException("GeminiFailover's BaseUrl ends before the version: https://generativelanguage.googleapis.com/, without v1beta or openai. The SDK's own address has them.");
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static ApiKey Key(string? text, int position)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new InvalidOperationException($"GeminiFailover's key {position} is blank: leave it out, or give it its value.");
        }

        var (key, refusal) = ApiKey.Create(text);
        return key ?? throw new InvalidOperationException($"GeminiFailover's key {position} {refusal}.");
    }
}
