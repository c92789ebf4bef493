using System.IO.Pipelines;
using System.Text;
using GeminiEdge.Cli;

namespace GeminiEdge.Tests.Cli;

/// <summary>The command line as the process runs it, in this process: on a test's world, with pipes for its standard streams.</summary>
internal sealed class CliCall : CliRun
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Pipe _input = new();
    private readonly CapturedStream _output = new();
    private readonly CapturedStream _errors = new();
    private readonly Task<int> _exitCode;

    private CliCall(Func<StandardInput, StandardOutput, StandardOutput, World> world, Screen? screen, string[] arguments)
    {
        var input = _input.Reader.AsStream();
        var outside = world(new(screen is not { IsTyped: true }, () => input, () => ReadLine(input)), _output.AsStandard(screen), _errors.AsStandard(screen));

        // What the command does before its first wait is not the test's thread's.
        _exitCode = Task.Run(() => CommandLine.RunAsync(outside, arguments, _stop.Token));
    }

    public override int ExitCode => _exitCode.Result;

    public override bool HasExited => _exitCode.IsCompleted;

    public override string Output => _output.Text;

    public override string Errors => _errors.Text;

    public static CliCall Start(Func<StandardInput, StandardOutput, StandardOutput, World> world, string[] arguments) => new(world, null, arguments);

    /// <summary>The same in a terminal, where somebody types.</summary>
    public static CliCall Start(Func<StandardInput, StandardOutput, StandardOutput, World> world, Screen screen, string[] arguments) => new(world, screen, arguments);

    public override async Task EndAsync(string input = "", TimeSpan? patience = null)
    {
        await _input.Writer.WriteAsync(Encoding.UTF8.GetBytes(input));
        await _input.Writer.CompleteAsync();
        await _exitCode.WaitAsync(patience ?? TimeSpan.FromSeconds(90));
    }

    public override void Interrupt() => _stop.Cancel();

    public override void Dispose()
    {
        _stop.Cancel();
        _input.Writer.Complete();
    }

    // No further than the line's end: there may be a next one.
    private static string? ReadLine(Stream input)
    {
        var line = new StringBuilder();
        for (var next = input.ReadByte(); next != '\n'; next = input.ReadByte())
        {
            if (next < 0)
            {
                return line.Length == 0 ? null : line.ToString();
            }

            line.Append((char)next);
        }

        return line.ToString();
    }

    /// <summary>Keeps what is written, and is not closed by who has written.</summary>
    private sealed class CapturedStream : MemoryStream
    {
        private readonly Lock _lock = new();

        public string Text
        {
            get
            {
                lock (_lock)
                {
                    return Encoding.UTF8.GetString(GetBuffer(), 0, (int)Length);
                }
            }
        }

        public StandardOutput AsStandard(Screen? screen) =>
            new(screen is null, new StreamWriter(this) { AutoFlush = true }, () => this) { Width = screen?.Width, ShowsColours = screen?.ShowsColours };

        public override void Write(byte[] buffer, int offset, int count)
        {
            lock (_lock)
            {
                base.Write(buffer, offset, count);
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        public override void WriteByte(byte value) => Write([value], 0, 1);

        // As if it were open: what is written afterwards is kept too.
        protected override void Dispose(bool disposing) => base.Dispose(disposing: false);
    }
}
