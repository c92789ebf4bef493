using System.Globalization;
using GeminiEdge.Bench.Overload;

// dotnet run -c Release --project tests/GeminiEdge.Bench/Overload [ATTACK…]
const int FilesNeeded = 12_000;
var limit = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))["Max open files".Length..].Trim().Split(' ')[0];
if (long.TryParse(limit, CultureInfo.InvariantCulture, out var files) && files < FilesNeeded)
{
    await Console.Error.WriteLineAsync($"It opens 10,000 connections: run `ulimit -n 20000` in this shell first (now {limit}).");
    return 2;
}

using var stopped = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stopped.Cancel();
};
try
{
    // What it starts of itself: callers and attackers are processes of their own, so that none waits for another's threads.
    switch (args)
    {
        case [Callers.Role, var edge, var key]:
            return await Callers.RunAsync(new Uri(edge), key, TimeProvider.System, stopped.Token);
        case [Crowd.Role, var edge, var key, var name]:
            return await Crowd.RunAsync(Attack.All.Single(attack => attack.Name == name), new Uri(edge), key, TimeProvider.System);
        default:
            break;
    }

    if (args.Except(Attack.All.Select(attack => attack.Name)).FirstOrDefault() is { } unknown)
    {
        await Console.Error.WriteLineAsync($"No attack is called {unknown}. There are: {string.Join(", ", Attack.All.Select(attack => attack.Name))}.");
        return 64;
    }

    return await new OverloadRun([.. Attack.All.Where(attack => args.Length == 0 || args.Contains(attack.Name))], TimeProvider.System).RunAsync(stopped.Token);
}
catch (OperationCanceledException) when (stopped.IsCancellationRequested)
{
    return 130;
}
