using GeminiEdge.Endpoints;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Endpoints;

public class RestOfBodyTests
{
    private const int Mebi = 1 << 20;

    [Fact]
    public async Task Refused_LargeBodyIsStillSent_TheConnectionGoesOn()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var caller = await RawHttp.ConnectAsync(edge);

        await caller.WriteAsync(RawHttp.Head(edge, "POST", "/no/such/route", $"Content-Length: {20 * Mebi}").Replace("Connection: close\r\n", "", StringComparison.Ordinal) + "\r\n" + new string(' ', 20 * Mebi));
        Assert.Contains(" 404 ", await caller.ReadUntilAsync("not_found"), StringComparison.Ordinal);
        await caller.WriteAsync(RawHttp.Head(edge, "GET", "/v1beta/models") + "\r\n");

        Assert.Contains(" 200 ", await caller.ReadUntilAsync("gemini-flash-latest"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rest_OfOneCaller_IsReadAtOnce()
    {
        using var body = new CountedBody(60 * Mebi);
        var (context, lifetime) = Request(body);

        await new RestOfBody(new FakeTimeProvider()).SkipAsync(context);

        Assert.Equal((60L * Mebi, false), (body.Taken, lifetime.IsCut));
    }

    [Fact]
    public async Task Rest_OfManyCallers_IsReadAtAPace_AndWhoIsNotDoneIsCutOff()
    {
        var time = new FakeTimeProvider();
        var rest = new RestOfBody(time);
        var bodies = Enumerable.Range(0, 20).Select(_ => new CountedBody(20 * Mebi)).ToList();
        var requests = bodies.Select(Request).ToList();
        var skipping = requests.Select(request => rest.SkipAsync(request.Context).AsTask()).ToList();

        // Three and a bit at once; then each round is so many pieces as a tenth of a second is worth.
        var atOnce = bodies.Sum(body => body.Taken);
        Assert.InRange(atOnce, 60L * Mebi, 70L * Mebi);
        for (var tenth = 0; tenth < 60; tenth++)
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            for (var turn = 0; turn < 200; turn++)
            {
                await Task.Yield();
            }
        }

        await Task.WhenAll(skipping);
        Assert.InRange(bodies.Sum(body => body.Taken), atOnce + 1, 240L * Mebi);
        Assert.All(bodies.Zip(requests), one => Assert.NotEqual(one.First.Taken == 20 * Mebi, one.Second.Lifetime.IsCut));
        bodies.ForEach(body => body.Dispose());
    }

    [Fact]
    public async Task Rest_DoesNotCome_IsWaitedForForFiveSeconds()
    {
        var time = new FakeTimeProvider();
        using var body = new CountedBody(-1);
        var (context, lifetime) = Request(body);
        var skipping = new RestOfBody(time).SkipAsync(context).AsTask();

        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(lifetime.IsCut);
        time.Advance(TimeSpan.FromSeconds(0.2));

        await skipping;
        Assert.True(lifetime.IsCut);
    }

    private static (HttpContext Context, CallerLifetime Lifetime) Request(CountedBody body)
    {
        var (context, lifetime) = (new DefaultHttpContext(), new CallerLifetime());
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        (context.Request.Body, context.Request.ContentLength) = (body, 20 * Mebi);
        return (context, lifetime);
    }

    /// <summary>So many bytes, or none that ever come.</summary>
    private sealed class CountedBody(long length) : MemoryStream
    {
        public long Taken { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (length < 0)
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }

            var count = (int)Math.Min(buffer.Length, length - Taken);
            Taken += count;
            return count;
        }
    }
}
