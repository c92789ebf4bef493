using Microsoft.Extensions.Logging;

namespace GeminiEdge.Access;

/// <summary>Tells of callers who were refused: whoever guesses keys must not be able to fill the log.</summary>
internal sealed class ClientRefusals : IDisposable
{
    private readonly Tally _tally;
    private int _areas;

    public ClientRefusals(ILogger<ClientRefusals> log, TimeProvider time) =>
        _tally = new Tally(time, count => log.ClientRefused(count, Names(Interlocked.Exchange(ref _areas, 0))));

    /// <summary>Counts a caller who was refused there.</summary>
    public void Add(Area area)
    {
        Interlocked.Or(ref _areas, 1 << (int)area);
        _tally.Add();
    }

    public void Dispose() => _tally.Dispose();

    private static string Names(int areas) =>
        string.Join(',', Enum.GetValues<Area>().Where(area => (areas & (1 << (int)area)) != 0).Select(area => area.ToString().ToLowerInvariant()));
}
