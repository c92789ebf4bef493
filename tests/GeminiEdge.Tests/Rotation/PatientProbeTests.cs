using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Rotation;

/// <summary>A key is probed until the answer says something about it.</summary>
public class PatientProbeTests
{
    [Theory]
    [InlineData(false, "most likely it is mistyped")]
    [InlineData(true, "as a new key may be for a minute")]
    public async Task Set_KeyThatGoogleNeverKnows_IsSaidAfterTwoLooksAndCountedDown(bool isJustMade, string said)
    {
        await using var bed = await RotationBed.StartAsync();
        var value = bed.Key(SandboxKeyState.NotFound);
        var looks = -1;
        var moments = new List<string?>();
        bed.WhenSaid = line => looks = line.Contains(said, StringComparison.Ordinal) ? bed.At(value).RequestCount : looks;

        var result = await bed.Operator(moment: moments.Add).SetAsync(KeySlot.Secondary, ApiKey.Create(value).Key!, isJustMade, default);

        RotationBed.AssertEnded(RotationOutcome.Refused, result);
        Assert.Equal(2, looks);
        Assert.Single(bed.Progress, line => line.Contains(value[^4..], StringComparison.Ordinal) && line.Contains("for", StringComparison.Ordinal));
        Assert.Equal(isJustMade, !bed.Progress.Any(line => line.Contains("mistyped", StringComparison.Ordinal)));
        Assert.Contains("A new key may take a minute: asking again, 57 s left; Ctrl-C stops", moments);
        Assert.Null(moments[^1]);
    }

    // What Google says between its bad moments counts as if there had been none.
    [Theory]
    [InlineData(SandboxKeyState.Overloaded, SandboxKeyState.NotFound, SandboxKeyState.NotFound)]
    [InlineData(SandboxKeyState.NotFound, SandboxKeyState.Overloaded, SandboxKeyState.NotFound)]
    public async Task Set_KeyThatGoogleNeverKnows_AmongBadMoments_IsSaidAfterTwoSuchLooks(params SandboxKeyState[] answers)
    {
        await using var bed = await RotationBed.StartAsync();
        var value = bed.Key(answers[0]);
        var (looks, asked) = (-1, 0);
        bed.Gemini.OnRequest = _ =>
        {
            bed.At(value).State = answers[Math.Min(asked++, answers.Length - 1)];
            return Task.FromResult(false);
        };
        bed.WhenSaid = line => looks = line.Contains("most likely it is mistyped", StringComparison.Ordinal) ? bed.At(value).RequestCount : looks;

        var result = await bed.Operator().SetAsync(KeySlot.Secondary, ApiKey.Create(value).Key!, isJustMade: false, default);

        RotationBed.AssertEnded(RotationOutcome.Refused, result);
        Assert.Equal(3, looks);
    }

    [Fact]
    public async Task Set_GoogleIsOverloadedOnceTheKeyWasUnknownForLong_IsAskedAgain()
    {
        await using var bed = await RotationBed.StartAsync();
        var value = bed.Key(SandboxKeyState.NotFound);
        bed.Gemini.OnRequest = _ =>
        {
            bed.At(value).State = bed.At(value).RequestCount switch { < 4 => SandboxKeyState.NotFound, 4 => SandboxKeyState.Overloaded, _ => SandboxKeyState.Working };
            return Task.FromResult(false);
        };

        var result = await bed.Operator().SetAsync(KeySlot.Secondary, ApiKey.Create(value).Key!, isJustMade: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
    }
}
