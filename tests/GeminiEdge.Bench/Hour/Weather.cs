using GeminiEdge.Cli.Drill;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Bench.Hour;

/// <summary>What the upstream's answers are like: one in ten comes late, and in a storm every one is a 503.</summary>
internal sealed class Weather(UpstreamUses uses, TimeProvider time)
{
    private const int EveryOne = 10;
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1.5);

    private long _answers;
    private long _late;
    private long _refused;

    /// <summary>Nothing but 503 comes, whichever key asks.</summary>
    public bool Storms { get; set; }

    public long LateAnswers => Volatile.Read(ref _late);

    public long Refused => Volatile.Read(ref _refused);

    /// <summary>The sandbox's hook.</summary>
    public async Task<bool> AnswerAsync(HttpContext context)
    {
        await uses.NoteAsync(context);
        if (Storms)
        {
            Interlocked.Increment(ref _refused);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}""");
            return true;
        }

        if (Interlocked.Increment(ref _answers) % EveryOne == 0)
        {
            Interlocked.Increment(ref _late);
            await Task.Delay(Late, time, context.RequestAborted);
        }

        return false;
    }
}
