namespace GeminiEdge.Fuzz;

/// <summary>Tries a target with the inputs of its corpus, and with others made of them: the same ones each time.</summary>
/// <param name="target">What reads them.</param>
/// <param name="corpus">The folder that holds one folder for each target.</param>
internal sealed class FuzzRun(FuzzTarget target, string corpus)
{
    private readonly string[] _files = [.. Directory.GetFiles(Path.Combine(corpus, target.Name)).Order(StringComparer.Ordinal)];

    /// <summary>What is tried now, for whoever has waited too long for it.</summary>
    public string Trying { get; private set; } = "";

    /// <summary>Each file of the corpus as it is.</summary>
    /// <returns>What went wrong first; null when nothing did.</returns>
    public string? Replay()
    {
        foreach (var file in _files)
        {
            Trying = $"{target.Name}/{Path.GetFileName(file)}";
            if (Fault(File.ReadAllBytes(file)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>So many others, made of the corpus by this seed.</summary>
    /// <returns>What went wrong first, with the input in base64; null when nothing did.</returns>
    public string? Mutate(int seed, int count)
    {
        var mutator = new Mutator(seed, [.. _files.Select(File.ReadAllBytes)]);
        for (var number = 1; number <= count; number++)
        {
            var input = mutator.Next();
            Trying = $"{target.Name}, seed {seed}, input {number}";
            if (Fault(input) is { } fault)
            {
                return $"{fault}\nIn base64: {Convert.ToBase64String(input)}";
            }
        }

        return null;
    }

    private string? Fault(byte[] input)
    {
        try
        {
            target.Run(input);
            return null;
        }
#pragma warning disable CA1031 // Whatever it is, it is what was looked for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return $"{Trying}: {e}";
        }
    }
}
