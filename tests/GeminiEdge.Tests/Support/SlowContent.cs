using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace GeminiEdge.Tests.Support;

/// <summary>A caller's body that stops half-way until the test lets it go on.</summary>
internal sealed class SlowContent : HttpContent
{
    private readonly byte[] _bytes;
    private readonly TaskCompletionSource _halfSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SlowContent(string text)
    {
        _bytes = Encoding.UTF8.GetBytes(text);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    public Task HalfSent => _halfSent.Task;

    public void SendTheRest() => _goOn.SetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(_bytes.AsMemory(0, _bytes.Length / 2));
        await stream.FlushAsync();
        _halfSent.SetResult();
        await _goOn.Task;
        await stream.WriteAsync(_bytes.AsMemory(_bytes.Length / 2));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _bytes.Length;
        return true;
    }
}
