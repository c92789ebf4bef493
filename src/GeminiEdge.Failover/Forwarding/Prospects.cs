namespace GeminiEdge.Failover.Forwarding;

/// <summary>What a request that no key can serve now may wait for.</summary>
/// <param name="atMost">How long it may wait.</param>
internal sealed class Prospects(TimeSpan atMost)
{
    private readonly TimeSpan _atMost = atMost;

    // Of the first nobody ever hears: there may be nothing to hear of but time.
    private readonly List<Task> _news = [new TaskCompletionSource().Task];
    private bool _isAny;

    /// <summary>Waiting may help.</summary>
    public bool IsAny => _isAny || Passing is not null;

    /// <summary>A model of which keys have failed without being refused: the same may succeed in a moment.</summary>
    public string? Passing { get; private set; }

    /// <summary>When it should look again, if it hears nothing.</summary>
    public TimeSpan Soonest { get; private set; } = atMost;

    /// <summary>Each completes when it should look again.</summary>
    public IEnumerable<Task> News => _news;

    /// <summary>A key whose failure may pass.</summary>
    public void AddPassing(string model) => Passing ??= model;

    /// <summary>A key that can't be used now.</summary>
    /// <param name="heldFor">How long somebody else's try lasts at most; zero for nobody's.</param>
    /// <param name="returns">When it comes back by itself.</param>
    /// <param name="nextTurn">When it is worth another look.</param>
    public void AddKey(TimeSpan heldFor, TimeSpan? returns, TimeSpan? nextTurn)
    {
        _isAny |= heldFor > TimeSpan.Zero || returns <= _atMost;
        LookIn(heldFor > TimeSpan.Zero ? heldFor : null);
        LookIn(returns);
        LookIn(nextTurn);
    }

    /// <summary>It should look again when this has completed.</summary>
    public void Hear(Task? news) => _news.AddRange(news is null ? [] : [news]);

    /// <summary>It should look again then, if not sooner.</summary>
    public void LookIn(TimeSpan? delay) => Soonest = delay < Soonest ? delay.Value : Soonest;
}
