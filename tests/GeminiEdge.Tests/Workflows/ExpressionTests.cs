namespace GeminiEdge.Tests.Workflows;

/// <summary>What GitHub's documentation says of expressions: the runs below rest on it.</summary>
public class ExpressionTests
{
    private static readonly Dictionary<string, object?> Known = new()
    {
        ["inputs.watch"] = null,
        ["inputs.slot"] = "3",
        ["inputs.dry-run"] = false,
        ["steps.a.outputs.b"] = "true",
    };

    [Theory]
    [InlineData("a ${{ inputs.slot }} b", "a 3 b")]
    [InlineData("${{ inputs.watch || '30m' }}", "30m")]
    [InlineData("${{ inputs.slot || 'PRIMARY' }}", "3")]
    [InlineData("${{ inputs.dry-run && '--dry-run' || '' }}", "")]
    [InlineData("${{ !inputs.dry-run && 'it''s' || '' }}", "it's")]
    [InlineData("${{ inputs.watch }}", "")]
    [InlineData("${{ inputs.dry-run }}", "false")]
    public void Fill_OfAText_ReplacesEachExpressionByItsValue(string text, string filled) => Assert.Equal(filled, In("success").Fill(text));

    [Theory]
    [InlineData(null, "success", true)]
    [InlineData(null, "failure", false)]
    [InlineData("${{ steps.a.outputs.b == 'true' }}", "success", true)]
    [InlineData("${{ steps.a.outputs.b == 'true' }}", "failure", false)]
    [InlineData("steps.a.outputs.b != 'true'", "success", false)]
    [InlineData("!cancelled() && steps.a.outputs.b == 'true'", "failure", true)]
    [InlineData("!cancelled() && steps.a.outputs.b == 'true'", "cancelled", false)]
    [InlineData("always()", "cancelled", true)]
    [InlineData("failure() || cancelled()", "success", false)]
    public void Allows_AJobInAStatus_RunsTheStepOrNot(string? condition, string status, bool runs) => Assert.Equal(runs, In(status).Allows(condition));

    [Theory]
    [InlineData("${{ inputs.other }}")]
    [InlineData("${{ inputs.slot || inputs.other }}")]
    [InlineData("${{ hashFiles('x') }}")]
    [InlineData("${{ inputs.slot > 1 }}")]
    public void Fill_OfWhatIsNotKnown_Fails(string text) => Assert.ThrowsAny<Exception>(() => In("success").Fill(text));

    private static Expression In(string status) => new(name => Known[name], function => function switch
    {
        "always" => true,
        "success" or "failure" or "cancelled" => function == status,
        _ => throw new NotSupportedException(function),
    });
}
