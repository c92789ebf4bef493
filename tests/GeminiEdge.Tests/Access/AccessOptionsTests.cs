using GeminiEdge.Access;

namespace GeminiEdge.Tests.Access;

public class AccessOptionsTests
{
    [Theory]
    [InlineData(false, false, false, true)]
    [InlineData(false, false, true, false)]
    [InlineData(false, true, false, false)]
    [InlineData(false, true, true, false)]
    [InlineData(true, false, false, false)]
    [InlineData(true, false, true, false)]
    [InlineData(true, true, false, false)]
    public void RefusesEveryone_OffTheHostOutsideDevelopmentWithoutKeys_Alone(bool onHost, bool inDevelopment, bool hasKeys, bool refuses)
    {
        var options = new AccessOptions { OnHost = onHost, InDevelopment = inDevelopment, ClientKeys = hasKeys ? PresentedKeys.Parse(Caller.Key).Keys : PresentedKeys.None };

        Assert.Equal(refuses, options.RefusesEveryone);
    }
}
