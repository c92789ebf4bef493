using System.Text;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Verdicts;

/// <summary>Each realistic answer goes through the whole edge; its log and its memory say what was understood.</summary>
public class VerdictTableTests
{
    private const string Model = "gemini-flash-latest";

    public static TheoryData<string> Names => [.. VerdictCase.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answer_OfTheTable_IsJudgedAndRemembered(string name)
    {
        var row = VerdictCase.All[name];
        var clock = new FakeTimeProvider(row.Now ?? DateTimeOffset.Parse("2026-11-23T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Keys = 1, Time = clock });
        edge.Sandbox.OnRequest = context => AnswerAsync(context, row);

        using var response = await SendAsync(edge, row);
        await response.Content.CopyToAsync(Stream.Null);

        var attempt = await edge.Log.WaitForAsync("attempt");
        Assert.Equal(row.Verdict, attempt["verdict"]!.GetValue<string>());
        var health = edge.Ring.Keys.Single().Health;
        var kind = Enum.GetValues<CallKind>().Single(kind => kind.Name() == attempt["kind"]!.GetValue<string>());
        var call = new CallScope(kind, attempt["model"]?.GetValue<string>() ?? "");
        Assert.Equal(row.Scope, Scope(health, call));
        if (row.Cooldown is { } cooldown)
        {
            Assert.Equal(cooldown.TotalSeconds, health.Rest(call)!.Value.TotalSeconds, tolerance: 0.001);
        }
    }

    [Fact]
    public void Fixtures_EveryVerdictOfAnAnswer_HasACase()
    {
        var missing = Enum.GetValues<Verdict>()
            .Except([Verdict.Network, Verdict.ClientGone, Verdict.Hedge, Verdict.EdgeStopped])
            .Select(verdict => Consequence.Of(verdict).Name)
            .Except(VerdictCase.All.Values.Select(row => row.Verdict));

        Assert.Empty(missing);
    }

    /// <summary>What the key can't be used for: anything, this kind of call, this model, or this model in this kind of call alone.</summary>
    private static string Scope(KeyHealth health, CallScope call)
    {
        var otherKinds = Enum.GetValues<CallKind>().Except([call.Kind]).ToList();
        return health.IsAvailable(call) ? "none"
            : otherKinds.TrueForAll(kind => !health.IsAvailable(new CallScope(kind, "another"))) ? "key"
            : !health.IsAvailable(call with { Model = "another" }) ? "kind"
            : otherKinds.Exists(kind => !health.IsAvailable(call with { Kind = kind })) ? "key_model"
            : "key_model_kind";
    }

    private static async Task<bool> AnswerAsync(HttpContext context, VerdictCase row)
    {
        var body = row.Body;
        context.Response.StatusCode = row.Status;
        if (row.ContentType is not null)
        {
            context.Response.ContentType = row.ContentType;
        }

        if (row.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = row.RetryAfter;
        }

        if (row.Status is not (204 or 304))
        {
            await context.Response.Body.WriteAsync(body);
        }

        return true;
    }

    private static Task<HttpResponseMessage> SendAsync(EdgeHost edge, VerdictCase row)
    {
        var (verb, path) = row.Method switch
        {
            "openai.chat" => ("POST", "/v1beta/openai/chat/completions"),
            "openai.embeddings" => ("POST", "/v1beta/openai/embeddings"),
            "files.list" => ("GET", "/v1beta/files"),
            "files.get" => ("GET", "/v1beta/files/abc"),
            "files.create" => ("POST", "/v1beta/files"),
            "files.delete" => ("DELETE", "/v1beta/files/abc"),
            "files.download" => ("GET", "/v1beta/files/abc:download?alt=media"),
            "upload" => ("POST", "/upload/v1beta/files"),
            "operations.get" => ("GET", $"/v1beta/models/{Model}/operations/abc"),
            "cachedContents.get" => ("GET", "/v1beta/cachedContents/abc"),
            "models.list" => ("GET", "/v1beta/models"),
            "interactions" => ("POST", "/v1beta/interactions"),
            var action => ("POST", $"/v1beta/models/{Model}:{action}"),
        };
        var request = new HttpRequestMessage(HttpMethod.Parse(verb), path);
        if (verb == "POST")
        {
            const string beginning = $$"""{"model":"{{Model}}","contents":[{"parts":[{"text":""";
            var text = $"{beginning}\"{new string('x', Math.Max(1, row.BodyBytes - beginning.Length - 7))}\"}}]}}]}}";
            request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        }

        return edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
