using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Forwarding;

public class UpstreamClientTests
{
    private const string Origin = "https://upstream.test";

    [Fact]
    public void Address_ManyShareThePlaceWhereOneIsKept_EachIsItsOwn()
    {
        using var client = new UpstreamClient(new ForwardingOptions { BaseUrl = Origin }, new HttpClientHandler());
        var paths = Enumerable.Range(0, 2_000).Select(number => $"/v1beta/files/{number}?alt=media").ToImmutableArray();

        // Each twice in a row, so that the second is found again.
        Assert.All(paths, path => Assert.Equal((Origin + path, Origin + path), (Address(client, path), Address(client, path))));
        Assert.All(paths, path => Assert.Equal(Origin + path, Address(client, path)));
    }

    [Theory]
    [InlineData("/v1beta/models/m%2Fn:generateContent", "/v1beta/models/m/n:generateContent")]
    [InlineData("/v1beta/models/A:generateContent", "/v1beta/models/a:generateContent")]
    [InlineData("/v1beta/models", "/v1beta/models?")]
    public void Address_LooksLikeAnother_StaysAsItCame(string one, string other)
    {
        using var client = new UpstreamClient(new ForwardingOptions { BaseUrl = Origin }, new HttpClientHandler());

        Assert.Equal((Origin + one, Origin + other, Origin + one), (Address(client, one), Address(client, other), Address(client, one)));
    }

    private static string Address(UpstreamClient client, string path)
    {
        using var request = client.CreateRequest(HttpMethod.Get, path, openAi: false, ApiKey.Create("AIzaSyTest-key-00000000000000000000001").Key!, content: null);
        return request.RequestUri!.OriginalString;
    }
}
