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
            var status = File.ReadAllLines($"/proc/{processId}/status");
            if (!status.Any(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)))
            {
                // It has ended, and nobody has looked after it yet.
                return null;
            }

            var handles = Directory.GetFiles($"/proc/{processId}/fd").Select(file => new FileInfo(file).LinkTarget).ToList();
            return new Sample(Number(status, "VmRSS:") / 1024, handles.Count,
                handles.Count(target => target?.StartsWith("socket:", StringComparison.Ordinal) == true), (int)Number(status, "Threads:"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Number(string[] status, string name) => double.Parse(
        status.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
