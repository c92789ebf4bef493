using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>Standard output and error that are closed, full, or read by nobody neither end the process nor hold it up.</summary>
public sealed class StreamTroubleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-streams-");

    public void Dispose() => _folder.Delete(recursive: true);

    // A fifo that is full: whoever writes to it waits.
    [Theory]
    [InlineData(">&-", "")]
    [InlineData("2>&-", "")]
    [InlineData("<&- >&- 2>&-", "")]
    [InlineData(">/dev/full", "")]
    [InlineData("2>/dev/full", "")]
    [InlineData(">fifo", "mkfifo fifo; exec 9<>fifo; dd if=/dev/zero of=fifo bs=1024 count=200 oflag=nonblock 2>/dev/null")]
    [InlineData("2>fifo", "mkfifo fifo; exec 9<>fifo; dd if=/dev/zero of=fifo bs=1024 count=200 oflag=nonblock 2>/dev/null")]
    public async Task Stream_CanNotBeWrittenTo_TheEdgeAnswersAndEndsWhenToldTo(string redirections, string before)
    {
        await using var edge = await ShellEdge.StartAsync($"cd {_folder.FullName}; {before}", redirections);

        for (var request = 0; request < 3; request++)
        {
            using var answer = await edge.GenerateAsync();
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        edge.Terminate();
        Assert.Equal(0, await edge.ExitCodeAsync());
    }

    [Fact]
    public async Task Disk_IsFullAndFreeAgain_LinesAreDroppedCountedAndComeBack()
    {
        var (log, filler) = (Path.Combine(_folder.FullName, "log"), Path.Combine(_folder.FullName, "filler"));
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", _folder.FullName);
        try
        {
            await using var edge = await ShellEdge.StartAsync("", $">{log} 2>/dev/null");
            await Eventually.IsAsync(() => Lines(log).Any(line => Name(line) == "ring_changed"));

            // Whether the writer has met the full disk, only the count tells afterwards; so once more if it has not.
            using var patience = new CancellationTokenSource(Patience.Limit);
            var dropped = 0L;
            while (dropped == 0)
            {
                await RunAsync("bash", "-c", $"dd if=/dev/zero of={filler} bs=1024 2>/dev/null || true");

                // What is left of the last page takes a few.
                for (var request = 0; request < 60; request++)
                {
                    using var answer = await edge.GenerateAsync();
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                }

                File.Delete(filler);
                using var next = await edge.GenerateAsync();
                await Eventually.IsAsync(() => Count(log, "gemini_ok") + Dropped(log) >= 61);
                dropped = Dropped(log);
                patience.Token.ThrowIfCancellationRequested();
            }

            Assert.InRange(dropped, 1, 1_000);
            var before = Count(log, "gemini_ok");
            using var last = await edge.GenerateAsync();
            await Eventually.IsAsync(() => Count(log, "gemini_ok") > before);
        }
        finally
        {
            await RunAsync("umount", "-l", _folder.FullName);
        }
    }

    private static int Count(string log, string name) => Lines(log).Count(line => Name(line) == name);

    private static long Dropped(string log) => Lines(log).Where(line => Name(line) == "log_dropped").Sum(line => line["count"]!.GetValue<long>());

    private static string Name(JsonNode line) => line["event"]!.GetValue<string>();

    // A line that the full disk cut is no JSON.
    private static IEnumerable<JsonNode> Lines(string log) => File.ReadAllLines(log).Where(line => line.StartsWith('{') && line.EndsWith('}')).Select(line => JsonNode.Parse(line)!);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
