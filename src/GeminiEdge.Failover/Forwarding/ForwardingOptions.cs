using System.Collections.Frozen;
using System.Collections.Immutable;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Overload;
using GeminiEdge.Failover.Settings;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Where requests go, and how long and how large they may be.</summary>
internal sealed record ForwardingOptions
{
    /// <summary>What <see cref="ExhaustedStatus"/> may be.</summary>
    public static readonly ImmutableArray<int> ExhaustedStatuses = [502, 429];

    private static readonly ImmutableArray<(string Text, UpstreamHttp Value)> Versions = [("1.1", UpstreamHttp.Http11), ("2", UpstreamHttp.Http2)];

    private const string Model = "GEMINI_MODEL";
    private const string Fallbacks = "GEMINI_FALLBACK_MODELS";

    /// <summary>The upstream, without a slash at the end. The default is Google's.</summary>
    public string BaseUrl { get; init; } = "https://generativelanguage.googleapis.com";

    /// <summary>The model of requests that name none, and of probes. The default is <c>gemini-flash-latest</c>.</summary>
    public string DefaultModel { get; init; } = "gemini-flash-latest";

    /// <summary>Which version of a model callers count on, by the model they ask for. The default is none.</summary>
    public FrozenDictionary<string, string> ModelPins { get; init; } = Models.ModelPins.None;

    /// <summary>Which available key a request begins with. The default is <c>Ordered</c>.</summary>
    public KeySelection Selection { get; init; } = KeySelection.Ordered;

    /// <summary>From the request's last byte to the answer's first, all attempts together. The default is 200 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(200);

    /// <summary>What an attempt leaves of the deadline while another key could follow. The default is 30 s.</summary>
    public TimeSpan Reserve { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request that no key can serve now waits for one; zero for not at all. The default is 10 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts beyond the first with each key, second rounds and hedges together, for a hundred requests; 0 for none. The default is 10.</summary>
    public int ExtraAttempts { get; init; } = 10;

    /// <summary>Whether a second key is asked when the first is slow. The default is <c>Off</c>.</summary>
    public HedgeMode Hedge { get; init; } = HedgeMode.Off;

    /// <summary>Which models are asked when one can't answer. The default is none.</summary>
    public FallbackModels FallbackModels { get; init; } = FallbackModels.None;

    /// <summary>Which HTTP the upstream is spoken to in, over TLS and where it speaks it. The default is <c>2</c>.</summary>
    public UpstreamHttp UpstreamHttp { get; init; } = UpstreamHttp.Http2;

    /// <summary>For opening a connection to the upstream. The default is 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a stream may be silent after its first byte. Models think for minutes. The default is 200 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(200);

    /// <summary>The status of a request that every key has failed, where waiting helps: 502, or 429 for clients that repeat nothing else. The default is 502.</summary>
    public int ExhaustedStatus { get; init; } = 502;

    /// <summary>The largest request body, in bytes; upload bytes are not limited. The default is 20 MiB.</summary>
    public long BodyLimit { get; init; } = 20 << 20;

    /// <summary>
    /// All request bodies in memory together, and answers that are read whole, in bytes. The default is 256 MiB, or a quarter of
    /// the memory there is where that is less, but at least enough for one body.
    /// </summary>
    public long BufferLimit { get; init; } = Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4, 60 << 20, 256 << 20);

    public static ForwardingOptions Read(SettingReader settings)
    {
        var defaults = new ForwardingOptions();
        var model = settings.Text(Model) ?? defaults.DefaultModel;
        if (!ModelName.IsValid(model))
        {
            settings.Refuse($"The setting {Model} is the name of a model: letters, digits, dots, dashes and underscores, at most 128 of them.");
        }

        var (fallbacks, fault) = FallbackModels.Read(settings.Text(Fallbacks) ?? "");
        if (fault is not null)
        {
            settings.Refuse($"The setting {Fallbacks} {fault}.");
        }

        var options = new ForwardingOptions
        {
            BaseUrl = settings.Origin("GEMINI_BASE_URL", PlainHttp.Loopback,
                "is an https:// address without query (http:// for this machine alone): a key sent over plain http could be read on the way") ?? defaults.BaseUrl,
            DefaultModel = ModelName.WithoutPrefix(model),
            ModelPins = Models.ModelPins.Read(settings),
            Selection = settings.Choice(nameof(Selection), defaults.Selection),
            Deadline = settings.Duration(nameof(Deadline), defaults.Deadline),
            Reserve = settings.Duration(nameof(Reserve), defaults.Reserve),
            Patience = settings.DurationOrZero(nameof(Patience), defaults.Patience),
            ExtraAttempts = settings.Percent(nameof(ExtraAttempts), defaults.ExtraAttempts),
            Hedge = settings.Choice(nameof(Hedge), defaults.Hedge),
            FallbackModels = fallbacks,
            UpstreamHttp = settings.OneOf(nameof(UpstreamHttp), defaults.UpstreamHttp, Versions),
            ConnectTimeout = settings.Duration(nameof(ConnectTimeout), defaults.ConnectTimeout),
            IdleTimeout = settings.Duration(nameof(IdleTimeout), defaults.IdleTimeout),
            ExhaustedStatus = settings.Number(nameof(ExhaustedStatus), defaults.ExhaustedStatus, ExhaustedStatuses),
            BodyLimit = settings.Bytes(nameof(BodyLimit), defaults.BodyLimit, most: 1L << 30),
            BufferLimit = settings.Bytes(nameof(BufferLimit), defaults.BufferLimit, most: 1L << 40),
        };
        foreach (var contradiction in options.Contradictions())
        {
            settings.Refuse(contradiction);
        }

        return options;
    }

    private IEnumerable<string> Contradictions()
    {
        if (Reserve >= Deadline)
        {
            yield return $"GeminiEdge__Reserve ({Reserve.TotalSeconds:0.###} s) leaves nothing of GeminiEdge__Deadline ({Deadline.TotalSeconds:0.###} s): set less.";
        }

        if (ConnectTimeout >= Deadline)
        {
            yield return $"GeminiEdge__ConnectTimeout ({ConnectTimeout.TotalSeconds:0.###} s) leaves nothing of GeminiEdge__Deadline ({Deadline.TotalSeconds:0.###} s): set less.";
        }

        // A buffer grows in steps, and the old one is held until the new one is filled.
        if (3 * BodyLimit > BufferLimit)
        {
            yield return $"GeminiEdge__BodyLimit ({BodyLimit} bytes) is more than a third of GeminiEdge__BufferLimit ({BufferLimit} bytes): such a body could not always be taken.";
        }
    }
}
