using System.Net;
using GeminiEdge.Configuration;

namespace GeminiEdge.Server;

/// <summary>Where the process listens, and so who started it.</summary>
/// <param name="Urls">Kestrel's addresses, separated by semicolons.</param>
/// <param name="Hosting">The Functions host names a port; nobody else does. <c>Development</c> is what <c>dotnet run</c> sets.</param>
/// <param name="Source">What says so: the beginning of a sentence.</param>
internal sealed record ListenAddress(string Urls, Hosting Hosting, string Source)
{
    /// <summary>By this the host names its port, and shows that it is there.</summary>
    public const string HostPort = "FUNCTIONS_CUSTOMHANDLER_PORT";

    private const string Default = "http://127.0.0.1:7071";

    /// <summary>What is wrong with it, in a sentence that does not repeat it; null when the server can try.</summary>
    public string? Fault => Each is []
        ? $"GeminiEdge: {Source} names no address: write one as http://127.0.0.1:8080."
        : Each.Select(FaultOf).FirstOrDefault(fault => fault is not null) is { } fault ? $"GeminiEdge: {Source} {fault}." : null;

    /// <summary>Each address by itself.</summary>
    public string[] Each => Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <param name="urls">Those of the command line, which count before the settings.</param>
    public static ListenAddress Of(string? urls, IConfiguration configuration, IHostEnvironment environment)
    {
        if (configuration[HostPort] is { Length: > 0 } port)
        {
            return new ListenAddress($"http://127.0.0.1:{port}", Hosting.CustomHandler, $"the setting {HostPort}");
        }

        var hosting = environment.IsDevelopment() ? Hosting.Development : Hosting.Standalone;
        return urls is not null ? new ListenAddress(urls, hosting, $"the option {Arguments.UrlsOption}")
            : configuration["ASPNETCORE_URLS"] is { Length: > 0 } variable ? new ListenAddress(variable, hosting, "the setting ASPNETCORE_URLS")
            : new ListenAddress(Default, hosting, "the default");
    }

    private static string? FaultOf(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return "is an address as http://127.0.0.1:8080, or several with semicolons between them";
        }

        return address switch
        {
            { Scheme: "https" } => "asks for https, and the edge speaks http: let whatever stands before it speak https",
            not { Scheme: "http" } or { IsNamedPipe: true } => "is an address as http://127.0.0.1:8080, or several with semicolons between them",
            { PathBase.Length: > 0 } => "has a path behind the port: leave it out",
            { IsUnixPipe: true } => null,
            { Port: < 0 or > IPEndPoint.MaxPort } => $"has a port beyond {IPEndPoint.MaxPort}",
            { Host: not ("localhost" or "+" or "*") } when !IPAddress.TryParse(address.Host.Trim('[', ']'), out _) =>
                "names a host, and listens on addresses: write 127.0.0.1 for this machine alone, 0.0.0.0 for every network",
            { Port: 0, Host: "localhost" } => "lets the system choose a port, which it can't for localhost: write 127.0.0.1 instead",
            _ => null,
        };
    }
}
