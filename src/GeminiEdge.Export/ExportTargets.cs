using System.Collections.Immutable;
using System.Data.Common;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Export;

/// <summary>Where spans and metrics go, by OpenTelemetry's and Azure's own settings. A wrong one is told and passed over: an edge that can't be watched still serves.</summary>
internal sealed record ExportTargets
{
    public const string OtlpSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";
    public const string AzureSetting = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string SignInSetting = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>To whatever speaks OTLP; its other settings (<c>OTEL_EXPORTER_OTLP_HEADERS</c>, <c>_PROTOCOL</c>) the exporter reads itself.</summary>
    public bool IsOtlp { get; private init; }

    /// <summary>To Application Insights; null for not at all.</summary>
    public string? ConnectionString { get; private init; }

    /// <summary>Application Insights asks who writes: then this managed identity does, "" for the app's own; null where it doesn't ask.</summary>
    public string? ClientId { get; private init; }

    /// <summary>A sentence about each setting that is passed over.</summary>
    public required ImmutableArray<string> Warnings { get; init; }

    public bool IsAny => IsOtlp || ConnectionString is not null;

    public static ExportTargets Read(IConfiguration configuration)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        var (otlp, azure) = (Text(configuration, OtlpSetting), Text(configuration, AzureSetting));
        if (otlp is not null && !(Uri.TryCreate(otlp, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"))
        {
            warnings.Add($"The setting {OtlpSetting} is the address of an OTLP receiver, as http://127.0.0.1:4317: it is passed over, and nothing is sent there.");
            otlp = null;
        }

        if (azure is not null && !(Field(azure, "InstrumentationKey") is { } key && Guid.TryParse(key, out _)))
        {
            warnings.Add($"The setting {AzureSetting} is the connection string of an Application Insights component, and holds InstrumentationKey=…: it is passed over, and nothing is sent there.");
            azure = null;
        }

        var signIn = Text(configuration, SignInSetting);
        return new ExportTargets
        {
            IsOtlp = otlp is not null,
            ConnectionString = azure,
            ClientId = signIn is not null && "AAD".Equals(Field(signIn, "Authorization"), StringComparison.OrdinalIgnoreCase) ? Field(signIn, "ClientId") ?? "" : null,
            Warnings = warnings.ToImmutable(),
        };
    }

    private static string? Text(IConfiguration configuration, string name) => configuration[name] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    private static string? Field(string text, string name)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = text }.TryGetValue(name, out var value) ? $"{value}" : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
