using System.Globalization;
using GeminiEdge.Bench.Hour;

// dotnet run -c Release --project tests/GeminiEdge.Bench/Hour [MINUTES]
var minutes = 60;
if (args.Length > 1 || (args.Length == 1 && !(int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out minutes) && minutes is >= 4 and <= 1440)))
{
    await Console.Error.WriteLineAsync("usage: hour [MINUTES], from 4 to 1440; 60 without it.");
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
    return await new HourRun(TimeSpan.FromMinutes(minutes), TimeProvider.System).RunAsync(stopped.Token);
}
catch (OperationCanceledException) when (stopped.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("Stopped. Nothing is left of it.");
    return 130;
}
