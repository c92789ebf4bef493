using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace GeminiEdge.Telemetry;

/// <summary>
/// Standard output and error, which whoever starts the process may have closed. Their numbers are then given to the next file or
/// socket that is opened, and lines would be written into it.
/// </summary>
public static class StandardStreams
{
    private const int Output = 1;
    private const int Error = 2;
    private const int WriteModes = 3;

    // Held for as long as the process lives.
    private static readonly List<SafeFileHandle> Fillers = [];
    private static bool HasOutput = true;
    private static bool HasError = true;

    /// <summary>Looks whether they are there, and takes the numbers that are free. Called before anything else is opened.</summary>
    public static void Secure()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        (HasOutput, HasError) = (IsForWriting(Output), IsForWriting(Error));
        try
        {
            SafeFileHandle filler;
            do
            {
                // The last one is one too many, and stays: nobody needs it.
                Fillers.Add(filler = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));
            }
            while (filler.DangerousGetHandle() <= Error);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A system without it: then the numbers stay free.
        }
    }

    /// <summary>Standard output, or nothing in its place.</summary>
    public static Stream OpenOutput() => HasOutput ? Console.OpenStandardOutput() : Stream.Null;

    /// <summary>Says something to whoever looks at standard error: closed, full or blocked, it neither ends nor holds up the process.</summary>
    /// <param name="text">What is said, without a key in it.</param>
    /// <param name="wait">How long to wait until it is written: for the last words before the process ends.</param>
    public static void Say(string text, TimeSpan wait = default)
    {
        if (!HasError)
        {
            return;
        }

        var speaker = new Thread(() =>
        {
            try
            {
                Console.Error.WriteLine(text);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // Nobody listens.
            }
        })
        { IsBackground = true, Name = "standard error" };
        speaker.Start();
        speaker.Join(wait);
    }

    /// <summary>Something is open there that can be written to and is nobody's else: the runtime opens files of its own before this code runs.</summary>
    private static bool IsForWriting(int number)
    {
        try
        {
            var flags = File.ReadLines($"/proc/self/fdinfo/{number}").First(line => line.StartsWith("flags:", StringComparison.Ordinal));
            var mode = int.Parse(flags[^1..], CultureInfo.InvariantCulture) & WriteModes;
            var target = new FileInfo($"/proc/self/fd/{number}").LinkTarget;
            return mode != 0 && target is not null && !target.StartsWith("anon_inode:", StringComparison.Ordinal) && !target.StartsWith("/memfd:", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return false;
        }
    }
}
