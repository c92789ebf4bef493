using System.Globalization;

namespace GeminiEdge.Access;

/// <summary>How many connections the process may hold: each is a file to the system, which allows so many and no more.</summary>
internal static class OpenFiles
{
    /// <summary>For the vault, the register, name lookups, and what the runtime opens later.</summary>
    private const int Reserve = 64;

    private const int Fewest = 8;

    /// <summary>How many callers can be connected so that each has a connection to the upstream as well; null where nothing says how many files there may be.</summary>
    public static int? Connections()
    {
        try
        {
            // Max open files            1024                 524288               files
            var line = File.ReadLines("/proc/self/limits").First(limit => limit.StartsWith("Max open files", StringComparison.Ordinal));
            var soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return long.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? Connections(limit, Directory.EnumerateFileSystemEntries("/proc/self/fd").Count()) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <param name="limit">How many files may be open.</param>
    /// <param name="open">How many are.</param>
    public static int Connections(long limit, int open) => (int)Math.Clamp((limit - open - Reserve) / 2, Fewest, int.MaxValue);
}
