using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Sends the chunks of an answer, or breaks off as the key's state says.</summary>
internal static class StreamedAnswer
{
    public static async Task SendAsync(SandboxCall call, GeminiSandboxOptions options, SandboxKeyState state, IEnumerable<JsonNode> chunks)
    {
        var writer = new ChunkWriter(call.Response, call.Route.Family, call.Route.Envelope);
        if (state is SandboxKeyState.ErrorAtStreamStart or SandboxKeyState.CancelledAtStreamStart)
        {
            await writer.WriteErrorAsync(state == SandboxKeyState.CancelledAtStreamStart ? KeyStateErrors.Cancelled() : KeyStateErrors.Overloaded());
            return;
        }

        var first = true;
        foreach (var chunk in state == SandboxKeyState.EmptyAnswer ? [] : chunks)
        {
            if (!first)
            {
                await Pacing.BetweenChunksAsync(call, options, state);
            }

            first = false;
            await writer.WriteAsync(chunk);
            if (state == SandboxKeyState.ErrorMidStream)
            {
                await writer.WriteErrorAsync(KeyStateErrors.Overloaded());
                return;
            }

            if (state == SandboxKeyState.CutMidStream)
            {
                // Leaving by an exception ends the connection after what was sent, without the last chunk; Abort could take back the first piece.
                throw new IOException("The stream is cut, as the key's state asks.");
            }
        }

        await writer.CompleteAsync();
    }
}
