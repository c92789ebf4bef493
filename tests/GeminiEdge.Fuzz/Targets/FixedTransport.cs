using System.Diagnostics.CodeAnalysis;
using Azure.Core;
using Azure.Core.Pipeline;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>Answers what the SDK asks, in the place of a network.</summary>
internal sealed class FixedTransport(Func<Request, (int Status, byte[] Body)> answer) : HttpPipelineTransport
{
    private static readonly HttpClientTransport Requests = new(new HttpClient());

    public override Request CreateRequest() => Requests.CreateRequest();

    public override void Process(HttpMessage message)
    {
        var (status, body) = answer(message.Request);
        message.Response = new FixedResponse(status, body);
    }

    public override ValueTask ProcessAsync(HttpMessage message)
    {
        Process(message);
        return ValueTask.CompletedTask;
    }

    private sealed class FixedResponse(int status, byte[] body) : Azure.Response
    {
        private static readonly Dictionary<string, string> Fixed = new(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = "application/json" };

        public override int Status => status;

        public override string ReasonPhrase => "";

        public override Stream? ContentStream { get; set; } = new MemoryStream(body, 0, body.Length, writable: false, publiclyVisible: true);

        public override string ClientRequestId { get; set; } = "";

        public override void Dispose()
        {
        }

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value) => Fixed.TryGetValue(name, out value);

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = TryGetHeader(name, out var value) ? [value] : null;
            return values is not null;
        }

        protected override bool ContainsHeader(string name) => Fixed.ContainsKey(name);

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => Fixed.Select(header => new HttpHeader(header.Key, header.Value));
    }
}
