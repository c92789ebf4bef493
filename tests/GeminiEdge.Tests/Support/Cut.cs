using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace GeminiEdge.Tests.Support;

/// <summary>Answers that begin and then break off, or never end.</summary>
internal static class Cut
{
    /// <summary>Breaks off after this much.</summary>
    public static HttpResponseMessage Answer(string text, int status = 200) => Of(new CutStream(text, endless: false), status);

    /// <summary>Says this much and is silent from then on, without an end.</summary>
    public static HttpResponseMessage Endless(string text, int status = 200) => Of(new CutStream(text, endless: true), status);

    private static HttpResponseMessage Of(Stream stream, int status) => new((HttpStatusCode)status)
    {
        Content = new StreamContent(stream) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };

    private sealed class CutStream(string text, bool endless) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < Length)
            {
                return Read(buffer.Span);
            }

            if (!endless)
            {
                throw new HttpIOException(HttpRequestError.ResponseEnded, "It ended too early.");
            }

            var silence = new TaskCompletionSource<int>();
            await using var end = cancellationToken.UnsafeRegister(_ => silence.TrySetCanceled(cancellationToken), null);
            return await silence.Task;
        }
    }
}
