using System.Globalization;

namespace GeminiEdge.Bench;

/// <summary>What one edge holds at a moment, by Linux's own books.</summary>
/// <param name="Resident">Of its memory, in MB.</param>
/// <param name="Handles">Open files of every kind, sockets among them.</param>
/// <param name="Sockets">Of these, sockets.</param>
/// <param name="Threads">Its threads.</param>
internal sealed record Sample(double Resident, int Handles, int Sockets, int Threads)
{
    /// <returns>Null when the process has ended.</returns>
    public static Sample? Of(int processId)
    {
        try
        {
            if (Status(processId) is not { } status)
            {
                return null;
            }

            var handles = Directory.GetFiles($"/proc/{processId}/fd").Select(file => new FileInfo(file).LinkTarget).ToList();
            return new Sample(ResidentOf(status), handles.Count,
                handles.Count(target => target?.StartsWith("socket:", StringComparison.Ordinal) == true), (int)Number(status, "Threads:"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Its memory alone, in MB: to look at each of ten thousand open files takes long, and longer than what is measured meanwhile.</summary>
    /// <returns>0 when the process has ended.</returns>
    public static double ResidentOf(int processId) => Status(processId) is { } status ? ResidentOf(status) : 0;

    private static double ResidentOf(string[] status) => Number(status, "VmRSS:") / 1024;

    private static string[]? Status(int processId)
    {
        try
        {
            var status = File.ReadAllLines($"/proc/{processId}/status");

            // Without memory it has ended, and nobody has looked after it yet.
            return status.Any(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)) ? status : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Number(string[] status, string name) => double.Parse(
        status.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
