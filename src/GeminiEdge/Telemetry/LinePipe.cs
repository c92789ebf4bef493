using System.Text;

namespace GeminiEdge.Telemetry;

/// <summary>
/// Hands lines to one thread that writes them out, so that a reader who stops reading stdout slows no request down.
/// What doesn't fit, or can't be written because a disk is full or nobody reads, is counted and dropped, and one
/// <c>log_dropped</c> line says how many as soon as lines can be written again.
/// </summary>
internal sealed class LinePipe : IDisposable
{
    /// <summary>How much may wait: about 3,000 lines.</summary>
    public const int Capacity = 1 << 20;

    // A write for each line would wake this thread 30,000 times a second under load, and cost the requests its core.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(5);

    // A full disk is tried again after that; meanwhile lines wait as far as they fit.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _stopping = new(false, spinCount: 0);
    private readonly Stream _output;
    private readonly TimeProvider _time;
    private readonly TimeSpan _rest;
    private readonly Thread _writer;
    private byte[] _waiting = new byte[Capacity];
    private byte[] _writing = new byte[Capacity];
    private int _length;
    private long _dropped;
    private bool _asleep = true;
    private bool _brokeOff;

    /// <param name="rest">How long to wait after a failure; null for a second.</param>
    public LinePipe(Stream output, TimeProvider time, TimeSpan? rest = null)
    {
        (_output, _time, _rest) = (output, time, rest ?? Rest);
        _writer = new Thread(WriteOut) { IsBackground = true, Name = "log lines" };
        _writer.Start();
    }

    /// <summary>Takes a whole line, or drops it. Never waits.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        bool wake;
        lock (_lock)
        {
            if (line.Length > Capacity - _length)
            {
                _dropped++;
                return;
            }

            line.CopyTo(_waiting.AsSpan(_length));
            _length += line.Length;
            wake = _asleep;
            _asleep = false;
        }

        if (wake)
        {
            _wake.Set();
        }
    }

    /// <summary>Writes out what waits, unless the reader is gone, and stops.</summary>
    public void Dispose()
    {
        _stopping.Set();
        _wake.Set();
        _writer.Join(TimeSpan.FromSeconds(1));
    }

    private void WriteOut()
    {
        while (true)
        {
            var length = Take(out var dropped);
            if (length == 0)
            {
                if (_stopping.IsSet)
                {
                    return;
                }

                _wake.WaitOne();
                _stopping.Wait(Gathering);
                continue;
            }

            if (!TryWrite(_writing.AsSpan(0, length), dropped))
            {
                Drop(dropped + _writing.AsSpan(0, length).Count((byte)'\n'));
                if (_stopping.Wait(_rest))
                {
                    return;
                }
            }
        }
    }

    private bool TryWrite(ReadOnlySpan<byte> lines, long dropped)
    {
        try
        {
            if (_brokeOff)
            {
                // A part of a line may stand there.
                _output.Write("\n"u8);
            }

            _output.Write(lines);
            if (dropped > 0)
            {
                _output.Write(Encoding.ASCII.GetBytes(
                    $$"""{"time":"{{_time.GetUtcNow().UtcDateTime:O}}","level":"warning","event":"log_dropped","count":{{dropped}}}""" + "\n"));
            }

            _output.Flush();
            _brokeOff = false;
            return true;
        }
#pragma warning disable CA1031 // Whatever is wrong with the output: the edge goes on.
        catch (Exception)
#pragma warning restore CA1031
        {
            _brokeOff = true;
            return false;
        }
    }

    private void Drop(long lines)
    {
        lock (_lock)
        {
            _dropped += lines;
        }
    }

    private int Take(out long dropped)
    {
        lock (_lock)
        {
            (_waiting, _writing) = (_writing, _waiting);
            var length = _length;
            _asleep = length == 0;
            _length = 0;

            // How many are missing is said with the next lines.
            dropped = _asleep ? 0 : _dropped;
            _dropped -= dropped;
            return length;
        }
    }
}
