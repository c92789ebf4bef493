using System.Globalization;
using GeminiEdge.Bench.Overload;

// ulimit -n 20000; dotnet run -c Release --project tests/GeminiEdge.Bench/Overload [ATTACK…]
const int FilesNeeded = 12_000;
var limit = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))["Max open files".Length..].Trim().Split(' ')[0];
if (long.TryParse(limit, CultureInfo.InvariantCulture, out var files) && files < FilesNeeded)
{
    await Console.Error.WriteLineAsync($"It opens 10,000 connections: run `ulimit -n 20000` in this shell first (now {limit}).");
    return 2;
}

if (args.Except(Attack.All.Select(attack => attack.Name)).FirstOrDefault() is { } unknown)
{
    await Console.Error.WriteLineAsync($"No attack is called {unknown}. There are: {string.Join(", ", Attack.All.Select(attack => attack.Name))}.");
    return 64;
}

using var stopped = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stopped.Cancel();
};
try
{
    return await new OverloadRun([.. Attack.All.Where(attack => args.Length == 0 || args.Contains(attack.Name))], TimeProvider.System).RunAsync(stopped.Token);
}
catch (OperationCanceledException) when (stopped.IsCancellationRequested)
{
    return 130;
}
