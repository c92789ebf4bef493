using System.Text.Json;
using System.Text.Json.Serialization;
using GeminiEdge.Bench.Storms;

// storms EDGE CALM LENGTH: plays every scenario at once, each with an edge of its own, and prints what came of each as JSON.
var (edge, calm, length) = (args[0], TimeSpan.FromSeconds(double.Parse(args[1])), TimeSpan.FromSeconds(double.Parse(args[2])));
var results = await Task.WhenAll(Scenario.All(calm, length).Select(scenario => Play.RunAsync(edge, scenario)));
Console.WriteLine(JsonSerializer.Serialize(results, Results.Default.ResultArray));

[JsonSerializable(typeof(Result[]))]
internal sealed partial class Results : JsonSerializerContext;
