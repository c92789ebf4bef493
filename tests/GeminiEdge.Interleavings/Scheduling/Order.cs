namespace GeminiEdge.Interleavings.Scheduling;

/// <summary>
/// Who goes on at each point, drawn from the seed alone. Even seeds walk at random. Odd ones go by priorities that change at a few
/// points (probabilistic concurrency testing): a fault that needs few switches, but these ones, is found sooner so.
/// </summary>
internal sealed class Order
{
    private const int MostChanges = 4;

    private readonly Random _random;
    private readonly HashSet<int> _changes = [];
    private readonly double _switching;
    private readonly bool _byPriority;
    private double _lowest;

    public Order(int seed)
    {
        _random = new Random(seed);
        _byPriority = seed % 2 != 0;

        // How long a schedule is nobody knows before: where it changes is drawn by magnitude.
        _switching = new[] { 0.05, 0.2, 0.5 }[_random.Next(3)];
        for (var changes = _random.Next(MostChanges + 1); changes > 0; changes--)
        {
            _changes.Add((int)Math.Pow(2, 8 * _random.NextDouble()));
        }
    }

    public double Priority() => _random.NextDouble();

    /// <summary>For what a test leaves to chance: 0 up to this.</summary>
    public int Draw(int below) => _random.Next(below);

    /// <summary>The next one, when the present one can go on too.</summary>
    public Operation Next(Operation present, List<Operation> ready, int step)
    {
        if (!_byPriority)
        {
            return ready.Count > 1 && _random.NextDouble() < _switching ? ready[_random.Next(ready.Count)] : present;
        }

        if (_changes.Contains(step))
        {
            present.Priority = --_lowest;
        }

        return First(ready);
    }

    /// <summary>The next one, when the present one can't go on.</summary>
    public Operation Next(List<Operation> ready) => _byPriority ? First(ready) : ready[_random.Next(ready.Count)];

    private static Operation First(List<Operation> ready)
    {
        var first = ready[0];
        foreach (var operation in ready)
        {
            first = operation.Priority > first.Priority ? operation : first;
        }

        return first;
    }
}
