namespace GeminiEdge.Cli.Drill;

/// <summary>Asks an edge and judges the answer: never throws but for its cancellation.</summary>
internal sealed class EdgeClient(string clientKey, TimeProvider time) : IDisposable
{
    // No answer of the simulator takes a tenth of it; a request that hangs has failed too.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    public async Task<Exchange> AskAsync(EdgeInstance edge, Question question, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var answer = new Exchange(edge.Number, question, time.GetUtcNow(), default, null, null, 0, null);
        try
        {
            using var request = question.ToRequest(edge.Url, clientKey);
            using var response = await _http.SendAsync(request, end.Token);
            answer = answer with { Status = (int)response.StatusCode, KeyId = Header(response, "x-gemini-edge-key-id"), Attempts = Attempts(response) };
            var body = await response.Content.ReadAsStringAsync(end.Token);
            return answer with { Ended = time.GetUtcNow(), Fault = AnswerCheck.Fault(question, answer.Status.Value, body) };
        }
        catch (HttpRequestException e)
        {
            return answer with { Ended = time.GetUtcNow(), Fault = $"connection: {e.HttpRequestError}" };
        }
        catch (IOException)
        {
            return answer with { Ended = time.GetUtcNow(), Fault = "cut_answer" };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return answer with { Ended = time.GetUtcNow(), Fault = $"no answer within {Patience.TotalSeconds:0} s" };
        }
    }

    public void Dispose() => _http.Dispose();

    private static int Attempts(HttpResponseMessage response) => int.TryParse(Header(response, "x-gemini-edge-attempts"), out var attempts) ? attempts : 0;

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
