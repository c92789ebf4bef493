using System.Net;
using GeminiEdge.Interleavings.Scheduling;

namespace GeminiEdge.Interleavings.Forwarding;

/// <summary>An upstream that answers when and how chance wants, and notes what became of each call and its answer.</summary>
internal sealed class SlowUpstream(Schedule schedule) : HttpMessageHandler
{
    /// <summary>How long the usual answer takes: after it the second key is asked.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(400);

    // At the moment of the hedge, right around it, and with both calls at one moment.
    private static readonly int[] Delays = [0, 399, 400, 401, 600, 800, 801];

    public List<Call> Calls { get; } = [];

    /// <summary>Of how many answers one is none.</summary>
    public int FailsOneOf { get; set; } = int.MaxValue;

    /// <summary>Every answer takes the usual time, and is none of the scenario's yet.</summary>
    public bool IsCalm { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsCalm)
        {
            schedule.Time.Advance(Usual);
            return new HttpResponseMessage { Content = new Answer(null, TimeSpan.Zero, null) };
        }

        var call = new Call();
        Calls.Add(call);
        var (delay, isWrong) = (Delays[schedule.Draw(Delays.Length)], schedule.Draw(FailsOneOf) == 0);
        var reads = schedule.Draw(4) == 0 ? TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delay), schedule.Time, cancellationToken);
        }
        finally
        {
            // As long as it runs its connection may send what it was given.
            var sent = new MemoryStream();
            await request.Content!.CopyToAsync(sent, CancellationToken.None);
            call.Sent = sent.Length;
        }

        call.IsOpen = true;
        return new HttpResponseMessage(isWrong ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK) { Content = new Answer(call, reads, schedule.Time) };
    }

    internal sealed class Call
    {
        /// <summary>How many bytes of the request were still there when it ended.</summary>
        public long Sent { get; set; }

        /// <summary>Its answer holds a connection.</summary>
        public bool IsOpen { get; set; }
    }

    private sealed class Answer : HttpContent
    {
        private static readonly byte[] Json = """{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"""u8.ToArray();

        private readonly Call? _call;
        private readonly TimeSpan _delay;
        private readonly TimeProvider? _time;

        public Answer(Call? call, TimeSpan delay, TimeProvider? time)
        {
            (_call, _delay, _time) = (call, delay, time);
            Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new SlowStream(this));

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException("Nobody asks for it whole.");

        protected override bool TryComputeLength(out long length)
        {
            length = Json.Length;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (_call is not null)
            {
                _call.IsOpen = false;
            }

            base.Dispose(disposing);
        }

        private sealed class SlowStream(Answer answer) : MemoryStream(Json, writable: false)
        {
            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                if (answer._delay > TimeSpan.Zero)
                {
                    await Task.Delay(answer._delay, answer._time!, cancellationToken);
                }

                Assert.True(answer._call is null or { IsOpen: true }, "Somebody reads what was given back.");
                return Read(buffer.Span);
            }
        }
    }
}
