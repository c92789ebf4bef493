using System.Globalization;
using System.Net;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Bench.Connections;

/// <summary>HTTP/1.1 with a pool beside HTTP/2 with several connections: the same callers, the same line, one after the other.</summary>
internal static class Comparison
{
    private static readonly UpstreamHttp[] Versions = [UpstreamHttp.Http11, UpstreamHttp.Http2];

    /// <summary>Prints one Markdown table, of calm days (load), bad ones (trouble), or both.</summary>
    public static async Task RunAsync(IReadOnlyList<string> parts)
    {
        // What is compiled and read on first use: nobody's fault.
        foreach (var version in Versions)
        {
            await LoadAsync(version, callers: 20, streams: true);
        }

        Console.WriteLine("| measured | HTTP/1.1 | HTTP/2 |");
        Console.WriteLine("|---|---:|---:|");
        foreach (var callers in parts.Contains("load") ? [1, 50, 500] : Array.Empty<int>())
        {
            foreach (var streams in new[] { false, true })
            {
                var what = $"{callers} {(callers == 1 ? "caller" : "callers")}, {(streams ? "streamed" : "whole")}";
                var (first, later) = await BothAsync(version => LoadAsync(version, callers, streams), result => result);
                Print($"{what}: first byte p50 / p99, nothing open", first.Old.Text, first.New.Text);
                Print($"{what}: first byte p50 / p99, connections open", later.Old.Text, later.New.Text);
                Print($"{what}: sockets held", $"{later.Old.Sockets}", $"{later.New.Sockets}");
                if (callers == 500 && !streams)
                {
                    Print($"{what}: processor time of a request, both ends and the line", later.Old.Processor, later.New.Processor);
                }
            }
        }

        if (!parts.Contains("trouble"))
        {
            return;
        }

        await PrintAsync("a cancelled stream of 50: until the upstream sees it, median / longest of 20", version => CancelAsync(version, sees: true));
        await PrintAsync("20 cancelled streams of 50: connections opened anew by those who come next", version => CancelAsync(version, sees: false));
        await PrintAsync("one connection reset under 50 streams: answers that break off", BreakAsync);
        await PrintAsync("upstream asks every connection to end (GOAWAY, Connection: close) under 200 requests of 50 callers: failed; first byte p50 / p99", GoAwayAsync);
        await PrintAsync("address changes, connections live 2 s, 50 callers: last request at the old one; failed", MoveAsync);
    }

    private static async Task PrintAsync(string what, Func<UpstreamHttp, Task<string>> measure) =>
        Print(what, await measure(UpstreamHttp.Http11), await measure(UpstreamHttp.Http2));

    private static void Print(string what, string old, string @new) => Console.WriteLine($"| {what} | {old} | {@new} |");

    private static async Task<((Sample Old, Sample New) First, (Sample Old, Sample New) Later)> BothAsync(
        Func<UpstreamHttp, Task<(Sample First, Sample Later)>> measure, Func<(Sample First, Sample Later), (Sample First, Sample Later)> read)
    {
        var (old, @new) = (read(await measure(Versions[0])), read(await measure(Versions[1])));
        return ((old.First, @new.First), (old.Later, @new.Later));
    }

    /// <summary>All callers at once without a connection, and four times more with those that are there by then.</summary>
    private static async Task<(Sample First, Sample Later)> LoadAsync(UpstreamHttp version, int callers, bool streams)
    {
        var model = new Model();
        await using var upstream = await FarUpstream.StartAsync(model.AnswerAsync);
        using var caller = new Caller(upstream, version);
        var first = await AllAsync(caller, callers, streams);
        var later = new List<TimeSpan?>();
        var processor = Environment.CpuUsage.TotalTime;
        for (var round = 0; round < (callers == 1 ? 10 : 4); round++)
        {
            later.AddRange(await AllAsync(caller, callers, streams));
        }

        return (new Sample(first, upstream.Line.Open), new Sample(later, upstream.Line.Open) { Cpu = Environment.CpuUsage.TotalTime - processor });
    }

    private static Task<TimeSpan?[]> AllAsync(Caller caller, int callers, bool streams) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(_ => caller.AskAsync(streams)));

    private static async Task<string> CancelAsync(UpstreamHttp version, bool sees)
    {
        var model = new Model();
        await using var upstream = await FarUpstream.StartAsync(model.AnswerAsync);
        using var caller = new Caller(upstream, version);
        await AllAsync(caller, 50, streams: false);
        var others = Enumerable.Range(0, 30).Select(_ => caller.AskAsync(streams: true)).ToArray();
        var seen = new List<double>();
        for (var number = 0; number < 20; number++)
        {
            using var leaving = new CancellationTokenSource();
            using var response = await caller.BeginAsync(streams: true, leaving.Token);
            var gone = new TaskCompletionSource<long>();
            model.Left = () => gone.TrySetResult(TimeProvider.System.GetTimestamp());
            var began = TimeProvider.System.GetTimestamp();
            response.Dispose();
            seen.Add(TimeProvider.System.GetElapsedTime(began, await gone.Task.WaitAsync(TimeSpan.FromSeconds(10))).TotalMilliseconds);
            model.Left = null;
        }

        if ((await Task.WhenAll(others)).Any(time => time is null))
        {
            throw new InvalidOperationException("Somebody else's answer broke off.");
        }

        var before = upstream.Line.Accepted;
        await AllAsync(caller, 50, streams: false);
        seen.Sort();
        return sees ? Text($"{seen[10]:0} / {seen[^1]:0} ms") : Text($"{upstream.Line.Accepted - before}");
    }

    private static async Task<string> BreakAsync(UpstreamHttp version)
    {
        await using var upstream = await FarUpstream.StartAsync(new Model().AnswerAsync);
        using var caller = new Caller(upstream, version);
        await AllAsync(caller, 50, streams: false);
        var streams = Enumerable.Range(0, 50).Select(_ => caller.AskAsync(streams: true)).ToArray();
        await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System);
        upstream.Line.Break();
        return Text($"{(await Task.WhenAll(streams)).Count(time => time is null)}");
    }

    private static async Task<string> GoAwayAsync(UpstreamHttp version)
    {
        var model = new Model();
        await using var upstream = await FarUpstream.StartAsync(model.AnswerAsync);
        using var caller = new Caller(upstream, version);
        await AllAsync(caller, 50, streams: false);
        model.OnConnection = connection => connection.RequestClose();
        var times = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var own = new List<TimeSpan?>();
            for (var request = 0; request < 4; request++)
            {
                own.Add(await caller.AskAsync(streams: false));
            }

            return own;
        }));
        var all = times.SelectMany(own => own).ToArray();
        return Text($"{all.Count(time => time is null)}; {new Sample([.. all.Where(time => time is not null)], 0).Text}");
    }

    private static async Task<string> MoveAsync(UpstreamHttp version)
    {
        var (old, @new) = (new Model(), new Model());
        await using var upstream = await FarUpstream.StartAsync(old.AnswerAsync);
        await using var successor = await FarUpstream.StartAsync(@new.AnswerAsync, upstream);
        using var caller = new Caller(upstream, version, TimeSpan.FromSeconds(2));
        await AllAsync(caller, 50, streams: false);
        upstream.Line.Target = IPEndPoint.Parse(new Uri(successor.Own).Authority);
        var (moved, last, seen, failed) = (TimeProvider.System.GetTimestamp(), TimeSpan.Zero, old.Requests, 0);
        while (TimeProvider.System.GetElapsedTime(moved) < TimeSpan.FromSeconds(6))
        {
            failed += (await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => caller.AskAsync(streams: false)))).Count(time => time is null);
            (last, seen) = old.Requests == seen ? (last, seen) : (TimeProvider.System.GetElapsedTime(moved), old.Requests);
        }

        return Text($"{last.TotalSeconds:0.0} s; {failed}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Times until the first byte, and the sockets there were then.</summary>
    private sealed record Sample(IReadOnlyList<TimeSpan?> Times, int Sockets)
    {
        public TimeSpan Cpu { get; init; }

        public string Processor => Comparison.Text($"{Cpu.TotalMicroseconds / Times.Count:0} µs");

        public string Text => Comparison.Text($"{At(0.5):0} / {At(0.99):0} ms") + Failures;

        private string Failures => Times.Count(time => time is null) is > 0 and var failed ? Comparison.Text($", {failed} failed") : "";

        private double At(double share)
        {
            var times = Times.OfType<TimeSpan>().Order().ToArray();
            return times.Length == 0 ? 0 : times[(int)Math.Ceiling(share * times.Length) - 1].TotalMilliseconds;
        }
    }
}
