namespace GeminiEdge.Fuzz;

/// <summary>One reader of bytes from outside, with what must be true of it whatever the bytes are.</summary>
/// <param name="Name">Its name on the command line, and its folder of the corpus.</param>
/// <param name="Inputs">How many mutated inputs the tests try: as many as take about half a second.</param>
/// <param name="Run">Reads one input; throws when something that must be true is not.</param>
internal sealed record FuzzTarget(string Name, int Inputs, Action<byte[]> Run);
