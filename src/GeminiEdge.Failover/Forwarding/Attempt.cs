using System.Diagnostics;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// One upstream call with one key. It ends in a verdict, never in an exception: what went wrong, and whose doing it
/// was, is a value. While the verdict is ok its answer can be read on.
/// </summary>
internal sealed partial class Attempt : IDisposable
{
    /// <summary>How long an error's body may take; the status alone has to do when it takes longer.</summary>
    private static readonly TimeSpan ErrorBodyPatience = TimeSpan.FromSeconds(10);

    // A loser may outlive its request: what belongs to the caller's connection is read while there is one.
    private readonly CancellationToken _aborted;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly CancellationTokenSource _cancellation;
    private readonly CancellationTokenRegistration _clientGone;
    private readonly TimeSpan _timeout;
    private Stream? _stream;
    private bool _brokeOff;
    private bool _isDelivered;
    private long _ended;

    public Attempt(ForwardRequest request, RingKey key, KeyPass pass, int number, TimeSpan timeout, TimeProvider time)
    {
        Request = request;
        _aborted = request.Aborted;
        _time = time;
        _started = time.GetTimestamp();
        (Key, Pass, Number, Span) = (key, pass, number, EdgeSpans.BeginAttempt());
        _cancellation = new CancellationTokenSource(request.Unbuffered ? Timeout.InfiniteTimeSpan : timeout, time);
        _clientGone = _aborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _cancellation);
        _timeout = timeout;
        Scanner = new AnswerScanner(request.AnswerLimit, request.Memory);
    }

    /// <summary>The request, as it asks for this attempt's model.</summary>
    public ForwardRequest Request { get; }

    public RingKey Key { get; }

    public KeyPass Pass { get; }

    public int Number { get; }

    /// <summary>Its span; null while nobody wants it.</summary>
    public Activity? Span { get; }

    /// <summary>How long its request had waited for a key before it; zero for not at all.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>In which round of its request; 1 for the first.</summary>
    public int Round { get; init; } = 1;

    /// <summary>It and another one were made at the same time.</summary>
    public bool IsHedged { get; set; }

    /// <summary>It is the second of the two.</summary>
    public bool IsBeside { get; set; }

    public Verdict Verdict { get; private set; } = Verdict.Network;

    /// <summary>What the verdict was read from; null when it is ok, or nothing was answered.</summary>
    public UpstreamFailure? Failure { get; private set; }

    /// <summary>What a refusal is about, and so what it rests.</summary>
    public Refusal Refusal => Refusal.Of(Verdict, Failure, Request.Call.Kind);

    /// <summary>
    /// Perhaps nobody's key may do it: of a call that isn't known to take API keys that counts for every refusal that
    /// doesn't mean the key as a whole, until another key has shown that it may.
    /// </summary>
    public bool IsUndecided => !Request.Call.TakesApiKeys && Refusal.Scope == RefusalScope.Kind;

    /// <summary>The method seems to take no API keys at all, or another project is meant than the key's.</summary>
    public bool IsAboutRequest => (Consequence.Of(Verdict).KeyIsDead && Refusal.Scope == RefusalScope.Request)
        || (Verdict == Verdict.KeyInvalid && IsUndecided);

    /// <summary>The answer's headers arrived.</summary>
    public HttpResponseMessage? Response { get; private set; }

    /// <summary>No connection was opened: the upstream can't have done anything.</summary>
    public bool NeverSent { get; private set; }

    /// <summary>With the verdict <c>network</c>: what it was.</summary>
    public NetworkFault? NetworkFault { get; private set; }

    /// <summary>It ran out of the time it was given.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>Why the caller's body could not be read to its end, if that ended the attempt.</summary>
    public Exception? CallerFault { get; private set; }

    /// <summary>The upstream answered, and there was no room for its answer.</summary>
    public bool HadNoRoom { get; private set; }

    /// <summary>How many redirects it followed.</summary>
    public int Hops { get; private set; }

    /// <summary>There is an answer that can go to the caller: not one that broke off before it said anything.</summary>
    public bool HasAnswer => Response is not null && (!_brokeOff || Failure is not null);

    /// <summary>What has been read of the answer.</summary>
    public AnswerScanner Scanner { get; }

    /// <summary>The piece that the verdict was read from; valid until the scanner is used again.</summary>
    public ReadOnlyMemory<byte> FirstPiece { get; private set; }

    /// <summary>The answer is JSON in pieces or a single object, and its first piece was looked at.</summary>
    public bool IsInspected { get; private set; }

    /// <summary>The answer's pieces are to be looked at as they pass.</summary>
    public bool IsWatched => IsInspected && (Scanner.IsSeries || (EndsUnseen && !ReadToEnd));

    /// <summary>OpenAI's dialect has said that the stream is over; its readers look no further.</summary>
    public bool SaidDone { get; private set; }

    /// <summary>All of the answer has been read.</summary>
    public bool ReadToEnd { get; private set; }

    public AnswerPiece Usage { get; private set; }

    /// <summary>Knows the versions of models, to compare answers with; null for a probe, which teaches nothing.</summary>
    public ModelMemory? Models { get; init; }

    /// <summary>What the answer has said of its model so far.</summary>
    public ModelSaid Model { get; private set; }

    /// <summary>The answer arrives in pieces.</summary>
    public bool IsStreamed => Request.Call.Streams || (Response is not null && Is("text/event-stream"));

    /// <summary>Since its beginning; an attempt that failed takes no more time.</summary>
    public TimeSpan Elapsed => _ended == 0 ? _time.GetElapsedTime(_started) : _time.GetElapsedTime(_started, _ended);

    public TimeSpan? TimeToFirstByte { get; private set; }

    /// <summary>Sends the request and reads as much of the answer as the verdict takes.</summary>
    public async ValueTask RunAsync(UpstreamClient client)
    {
        try
        {
            using var request = client.CreateRequest(Request.Verb, Request.PathAndQuery, Request.Call.OpenAi, Key.Key, Content());
            Request.CopyHeadersTo(request);
            Response = await client.SendAsync(request, _cancellation.Token);
            if (MayBeFollowed)
            {
                await FollowAsync(client);
            }

            if (Framing.IsBroken(Response))
            {
                (_brokeOff, Verdict, NetworkFault) = (true, Verdict.Network, Forwarding.NetworkFault.Protocol);
                return;
            }

            _stream = await Response.Content.ReadAsStreamAsync(_cancellation.Token);
            var status = (int)Response.StatusCode;
            if (status is >= 200 and < 300 or 304 || (status == 308 && !IsRedirect))
            {
                await JudgeSuccessAsync();
            }
            else
            {
                await JudgeFailureAsync(status);
            }

            StopTimer();
        }
        catch (Exception e) when (IsOfTheExchange(e))
        {
            Blame(e);
        }
        catch
        {
            // A fault of the edge's own: it must not hold the key's gate, nor the connection.
            Key.Health.Leave(Pass);
            Dispose();
            throw;
        }
        finally
        {
            _ended = Verdict == Verdict.Ok ? 0 : _time.GetTimestamp();
        }
    }

    /// <summary>The project that the key belongs to, where it is known: a refusal may name another one.</summary>
    public void TellProject(string? project) => Failure = Failure is null ? null : Failure with { OwnProject = project };

    /// <summary>Reads on after the verdict, as long as the stream isn't silent for too long.</summary>
    /// <returns>The count, 0 at the end, -1 when it broke off: then the verdict says why.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, TimeSpan idleTimeout)
    {
        if (_brokeOff)
        {
            return -1;
        }

        if (buffer.IsEmpty)
        {
            HadNoRoom = true;
            return -1;
        }

        try
        {
            _cancellation.CancelAfter(idleTimeout);
            var count = await _stream!.ReadAsync(buffer, _cancellation.Token);
            StopTimer();
            TimeToFirstByte ??= Elapsed;
            ReadToEnd = count == 0;
            return count;
        }
        catch (Exception e) when (IsOfTheExchange(e))
        {
            Blame(e);
            return -1;
        }
    }

    public void Dispose()
    {
        _clientGone.Dispose();
        Response?.Dispose();
        _cancellation.Dispose();
        Scanner.Dispose();
        EdgeSpans.Abandon(Span);
    }

    // Asked for each attempt, so without parsing the header.
    private bool Is(string mediaType) =>
        Response!.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values)
        && values.ToString().StartsWith(mediaType, StringComparison.OrdinalIgnoreCase);

    private HttpContent Content()
    {
        if (Request.Unbuffered)
        {
            var (bytes, length) = Request.OpenBody();

            // Waiting for the answer begins when the body has been sent.
            return new UploadContent(bytes, length, () => _cancellation.CancelAfter(_timeout));
        }

        // No body is a body of no bytes: Google answers 411 to a POST that doesn't say so, and a request without any content
        // is sent twice by the connection, unseen, when the upstream closes it after reading.
        return new ReplayContent(Request.Body);
    }

    // Between two reads the time is the caller's, who may be slow to take what was read.
    private void StopTimer() => _cancellation.CancelAfter(Timeout.InfiniteTimeSpan);
}
