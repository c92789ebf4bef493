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

    /// <summary>What those say that are none.</summary>
    public IReadOnlyList<HttpStatusCode> Failures { get; set; } = [HttpStatusCode.ServiceUnavailable];

    /// <summary>Every answer takes the usual time, and is none of the scenario's yet.</summary>
    public bool IsCalm { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsCalm)
        {
            schedule.Time.Advance(Usual);
            return new HttpResponseMessage { Content = new Answer(HttpStatusCode.OK, null, TimeSpan.Zero, null) };
        }

        var call = new Call();
        Calls.Add(call);
        var (delay, status) = (Delays[schedule.Draw(Delays.Length)], schedule.Draw(FailsOneOf) == 0 ? Failures[schedule.Draw(Failures.Count)] : HttpStatusCode.OK);
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
        return new HttpResponseMessage(status) { Content = new Answer(status, call, reads, schedule.Time) };
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
        private readonly byte[] _json;
        private readonly Call? _call;
        private readonly TimeSpan _delay;
        private readonly TimeProvider? _time;

        public Answer(HttpStatusCode status, Call? call, TimeSpan delay, TimeProvider? time)
        {
            _json = status switch
            {
                HttpStatusCode.OK => """{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"""u8.ToArray(),
                HttpStatusCode.BadRequest => """{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid. Please pass a valid API key."}}"""u8.ToArray(),
                HttpStatusCode.TooManyRequests => """{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota."}}"""u8.ToArray(),
                _ => """{"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded."}}"""u8.ToArray(),
            };
            (_call, _delay, _time) = (call, delay, time);
            Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new SlowStream(this));

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException("Nobody asks for it whole.");

        protected override bool TryComputeLength(out long length)
        {
            length = _json.Length;
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

        private sealed class SlowStream(Answer answer) : MemoryStream(answer._json, writable: false)
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
