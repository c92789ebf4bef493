using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The deadline an SDK asks for with <c>X-Server-Timeout</c>, in seconds.</summary>
internal static class ServerTimeout
{
    private const double MinimumSeconds = 10;

    public static GeminiError? Check(HttpRequest request)
    {
        var header = request.Headers["x-server-timeout"].ToString();
        return double.TryParse(header, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds < MinimumSeconds
            ? GeminiErrors.InvalidArgument($"Manually set deadline {header}s is too short. Minimum allowed deadline is 10s.")
            : null;
    }
}
