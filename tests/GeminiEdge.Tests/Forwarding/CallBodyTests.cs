using System.Net;
using System.Text;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A body that only the upstream can judge goes there, whatever stands in it.</summary>
public class CallBodyTests
{
    private const string Chat = "/v1beta/openai/chat/completions";

    public static TheoryData<byte[]> Models => new(new byte[] { 0xff }, [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], Encoding.ASCII.GetBytes("\\ud800"));

    [Theory]
    [MemberData(nameof(Models))]
    public void Read_ModelIsNoText_NamesNone(byte[] model) =>
        Assert.Equal("", CallBody.Read(GeminiCallReader.Read("POST", Chat, "", ""), RequestBody.Of(Body(model))).Model);

    [Fact]
    public async Task OpenAi_ModelIsNotUtf8_IsTheUpstreamsToRefuse()
    {
        using var upstream = new FakeUpstream(_ => UpstreamAnswers.Of(Verdict.CallerError));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = upstream });

        using var response = await edge.Client.PostAsync(Chat, new ByteArrayContent(Body([0xff])), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Single(upstream.Keys);
    }

    private static byte[] Body(byte[] model) => [.. "{\"messages\":[],\"model\":\""u8, .. model, .. "\"}"u8];
}
