using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Settings;
using GeminiEdge.Fleet;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Cli;

/// <summary>Those settings of an edge that an operator's command needs too, from the environment.</summary>
internal sealed record ReadSettings(KeyOptions Keys, ForwardingOptions Forwarding, FleetOptions? Fleet, ImmutableArray<string> Problems)
{
    /// <param name="fleet">The register named on the command line, if one is.</param>
    /// <param name="world">Where the environment is.</param>
    public static ReadSettings Of(string? fleet, World world)
    {
        var configuration = new ConfigurationBuilder().AddConfiguration(world.Environment);
        if (fleet is not null)
        {
            configuration.AddInMemoryCollection([new("GEMINI_EDGE_FLEET", fleet)]);
        }

        var settings = new SettingReader(configuration.Build());
        return new ReadSettings(KeyOptions.Read(settings), ForwardingOptions.Read(settings), FleetOptions.Read(settings), settings.Problems);
    }
}
