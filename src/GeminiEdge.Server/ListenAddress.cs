using GeminiEdge.Configuration;

namespace GeminiEdge.Server;

/// <summary>Where the process listens, and so who started it.</summary>
/// <param name="Urls">Kestrel's addresses, separated by semicolons.</param>
/// <param name="Hosting">The Functions host names a port; nobody else does. <c>Development</c> is what <c>dotnet run</c> sets.</param>
internal sealed record ListenAddress(string Urls, Hosting Hosting)
{
    private const string Default = "http://127.0.0.1:7071";

    public static ListenAddress Of(IConfiguration configuration, IHostEnvironment environment)
    {
        if (configuration["FUNCTIONS_CUSTOMHANDLER_PORT"] is { Length: > 0 } port)
        {
            return new ListenAddress($"http://127.0.0.1:{port}", Hosting.CustomHandler);
        }

        return new ListenAddress(configuration["urls"] is { Length: > 0 } urls ? urls
            : configuration["ASPNETCORE_URLS"] is { Length: > 0 } variable ? variable
            : Default, environment.IsDevelopment() ? Hosting.Development : Hosting.Standalone);
    }
}
