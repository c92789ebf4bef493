using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

/// <summary>What follows from a verdict, seen from whoever asks: which verdicts share an answer.</summary>
public class ConsequenceTests
{
    [Fact]
    public void Of_EachVerdict_IsItsOwnRowWithANameOfItsOwn()
    {
        var rows = Enum.GetValues<Verdict>().Select(Consequence.Of).ToList();

        Assert.Equal(Enum.GetValues<Verdict>(), rows.Select(row => row.Verdict));
        Assert.Equal(rows.Count, rows.Select(row => row.Name).Distinct().Count());
        Assert.All(rows, row => Assert.Matches("^[a-z]+(_[a-z]+)*$", row.Name));
    }

    // A dead key has no say in what becomes of a request.
    [Fact]
    public void KeyIsDead_IsOfWhatNoWaitingHeals() =>
        Assert.Equal("key_invalid key_leaked key_blocked project_denied", Names(row => row.KeyIsDead));

    // They bring a Retry-After.
    [Fact]
    public void WaitingHelps_IsOfWhatPassesByItself() => Assert.Equal(
        "credential_refused quota_day quota_minute quota_unknown overloaded upstream_error upstream_timeout network", Names(row => row.WaitingHelps));

    [Fact]
    public void Passes_IsOfWhatIsWorthASecondRound() => Assert.Equal("overloaded upstream_error network", Names(row => row.Passes));

    [Fact]
    public void IsOfModel_IsOfWhatAnotherModelMayNotHave() => Assert.Equal(
        "quota_none quota_day quota_minute quota_unknown model_unavailable overloaded", Names(row => row.IsOfModel));

    [Fact]
    public void AsIs_IsOfWhatGoesToTheCallerInGooglesWords() => Assert.Equal("request_too_large_for_quota resource_denied", Names(row => row.AsIsWhenAllAgree));

    [Fact]
    public void Alarm_IsOfWhatAnOperatorHasToActOn() => Assert.Equal("key_leaked location_unsupported", Names(row => row.Alarm));

    private static string Names(Func<Consequence, bool> where) =>
        string.Join(' ', Enum.GetValues<Verdict>().Select(Consequence.Of).Where(where).Select(row => row.Name));
}
