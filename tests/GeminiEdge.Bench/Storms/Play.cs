using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GeminiEdge.Bench.Storms;

/// <summary>One request as its caller saw it.</summary>
internal sealed record Sent(int Number, TimeSpan At, int Status, TimeSpan Took, long EndedAt);

/// <summary>What came of a scenario.</summary>
internal sealed record Result(
    string Name, int Requests, int Failed, int FailedAfter, int Extra, int Calls, double SlowestFailure, double P50, double P99, double SlowestCut);

/// <summary>Plays a scenario: one upstream, one edge, fifty requests a second.</summary>
internal static class Play
{
    private const string ClientKey = "bench-client-key-000000000000";

    // Every route in turn; the number stands in the prompt, so that the upstream knows whose call it is.
    private static readonly (string Target, Func<int, string> Body)[] Routes =
    [
        ("/v1beta/models/m:generateContent", Native),
        ("/v1beta/models/m:streamGenerateContent?alt=sse", Native),
        ("/api/generate", number => $$"""{"model":"m","prompt":"This is request {{number}}."}"""),
        ("/v1beta/openai/chat/completions", number => $$"""{"model":"m","messages":[{"role":"user","content":"This is request {{number}}."}]}"""),
    ];

    public static async Task<Result> RunAsync(string edge, Scenario scenario)
    {
        var time = TimeProvider.System;
        await using var upstream = new Upstream(scenario, time);
        await upstream.StartAsync();
        var url = $"http://127.0.0.1:{FreePort()}";
        using var process = Start(edge, url, upstream.Url, scenario.Hedge);
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(1) };
            client.DefaultRequestHeaders.Add("x-goog-api-key", ClientKey);
            await AnswersAsync(client, time);
            return await MeasureAsync(scenario, upstream, client, time);
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task<Result> MeasureAsync(Scenario scenario, Upstream upstream, HttpClient client, TimeProvider time)
    {
        var pending = new List<Task<Sent>>();
        var began = time.GetTimestamp();
        var (stormy, over) = (scenario.Calm, scenario.Calm + scenario.Storm);
        for (var number = 0; number < (int)((over + scenario.After).TotalSeconds * Scenario.PerSecond); number++)
        {
            var at = TimeSpan.FromSeconds(number / (double)Scenario.PerSecond);
            if (at - time.GetElapsedTime(began) is { Ticks: > 0 } early)
            {
                await Task.Delay(early, time);
            }

            upstream.IsStormy = at >= stormy && at < over;
            pending.Add(SendAsync(client, number, at, time));
        }

        var sent = await Task.WhenAll(pending);
        var measured = sent.Where(one => one.At >= stormy).ToList();
        var failed = measured.FindAll(one => one.Status != 200);
        var calls = measured.ConvertAll(one => upstream.Calls.TryGetValue(one.Number, out var made) ? made.ToList() : []);
        var took = measured.Where(one => one.Status == 200).Select(one => one.Took.TotalMilliseconds).Order().ToList();
        return new Result(
            scenario.Name, measured.Count, failed.Count,
            failed.Count(one => one.At >= over),

            // Hedges are extra as well, and ask a key for the first time.
            calls.Sum(made => scenario.Hedge == "Off" ? made.Count - made.DistinctBy(call => call.Key).Count() : Math.Max(0, made.Count - 1)),
            calls.Sum(made => made.Count),
            failed.Count == 0 ? 0 : failed.Max(one => one.Took.TotalSeconds),
            Quantile(took, 0.5), Quantile(took, 0.99),
            measured.Zip(calls).SelectMany(pair => pair.Second.Where(call => call.CutAt != 0).Select(call => time.GetElapsedTime(pair.First.EndedAt, call.CutAt).TotalMilliseconds)).DefaultIfEmpty().Max());
    }

    private static async Task<Sent> SendAsync(HttpClient client, int number, TimeSpan at, TimeProvider time)
    {
        var (target, body) = Routes[number % Routes.Length];
        var began = time.GetTimestamp();
        using var content = new StringContent(body(number), Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(target, content);
        return new Sent(number, at, (int)response.StatusCode, time.GetElapsedTime(began), time.GetTimestamp());
    }

    private static Process Start(string edge, string url, string upstream, string hedge)
    {
        var start = new ProcessStartInfo(edge) { RedirectStandardOutput = true };
        foreach (var (name, value) in new[]
        {
            ("ASPNETCORE_URLS", url), ("GEMINI_BASE_URL", upstream), ("GEMINI_EDGE_CLIENT_KEYS", ClientKey), ("GeminiEdge__Hedge", hedge),
            ("GEMINI_API_KEY_PRIMARY", "AIzaSyBench-primary-key-0000000000001111"), ("GEMINI_API_KEY_SECONDARY", "AIzaSyBench-secondary-key-00000000002222"),
        })
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task AnswersAsync(HttpClient client, TimeProvider time)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var response = await client.GetAsync("/api/health");
                return;
            }
            catch (HttpRequestException) when (tries < 100)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), time);
            }
        }
    }

    private static string Native(int number) => $$"""{"contents":[{"role":"user","parts":[{"text":"This is request {{number}}."}]}]}""";

    private static double Quantile(List<double> sorted, double share) => sorted.Count == 0 ? 0 : sorted[(int)Math.Ceiling(share * sorted.Count) - 1];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
