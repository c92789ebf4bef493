using System.Collections.Immutable;
using GeminiEdge.Access;
using GeminiEdge.Endpoints;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Settings;
using GeminiEdge.Fleet;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Configuration;

/// <summary>Everything that is read once at start: the options of each area, which takes its own, and what is wrong with them.</summary>
internal sealed record EdgeConfiguration
{
    /// <summary>Said where the key is missing that would be read.</summary>
    public const string StrayKey = "The setting GEMINI_API_KEY is not read by the edge: put its key into GEMINI_API_KEY_PRIMARY.";

    private static readonly TimeSpan PlatformLimit = TimeSpan.FromSeconds(230);

    public required KeyOptions Keys { get; init; }

    public required ForwardingOptions Forwarding { get; init; }

    public required AccessOptions Access { get; init; }

    public required OriginOptions Origin { get; init; }

    public required ShutdownOptions Shutdown { get; init; }

    /// <summary>The fleet register, and this instance's place in it; null switches it off.</summary>
    public required FleetOptions? Fleet { get; init; }

    /// <summary>What this instance is called: in the register, and on the operators' page.</summary>
    public required string Instance { get; init; }

    /// <summary>The user-assigned managed identity for the key vault and the register; null for the system-assigned one.</summary>
    public required string? ClientId { get; init; }

    /// <summary>The name by which SDKs know a key has a value, and is none of the edge's.</summary>
    public required bool HasStrayKey { get; init; }

    /// <summary>What makes the configuration unusable; while there is any, every request is answered 503.</summary>
    public required ImmutableArray<string> Problems { get; init; }

    public static EdgeConfiguration Read(IConfiguration configuration, Hosting hosting)
    {
        var settings = new SettingReader(configuration);
        var onHost = hosting is Hosting.CustomHandler or Hosting.IsolatedWorker;
        var read = new EdgeConfiguration
        {
            Keys = KeyOptions.Read(settings),
            Forwarding = ForwardingOptions.Read(settings),
            Access = AccessOptions.Read(settings, onHost, hosting == Hosting.Development),
            Origin = OriginOptions.Read(settings, onHost),
            Shutdown = ShutdownOptions.Read(settings),
            Fleet = FleetOptions.Read(settings),
            Instance = FleetOptions.InstanceOf(settings),
            ClientId = settings.Text("AZURE_CLIENT_ID"),
            HasStrayKey = settings.Text("GEMINI_API_KEY") is not null,
            Problems = [],
        };
        if (read.Forwarding.Deadline >= PlatformLimit)
        {
            settings.Refuse($"GeminiEdge__Deadline is {read.Forwarding.Deadline.TotalSeconds:0} s, and the platform's front end gives up after {PlatformLimit.TotalSeconds:0} s: set less.");
        }

        settings.RefuseUnknown();
        return read with { Problems = settings.Problems };
    }
}
