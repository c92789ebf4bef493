using GeminiEdge.Endpoints;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Status;

/// <summary>
/// <c>POST /api/admin/sandbox/{kill,exhaust,slow,leak,revive}?slot=PRIMARY</c>: makes a key of the simulated Gemini fail, so that one
/// sees what the edge does then. Only while it runs.
/// </summary>
internal sealed class SandboxEndpoint(KeyRingProvider ring, ErrorWriter errors, SandboxControl? sandbox = null)
{
    private const string Prefix = "/api/admin/sandbox/";

    /// <summary>Whether a path of the admin area is one of these, and there is a sandbox.</summary>
    public bool Serves(string path) => sandbox is not null && path.StartsWith(Prefix, StringComparison.Ordinal);

    public ValueTask HandleAsync(HttpContext context, string path)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            return errors.WriteAsync(context, FailoverError.MethodNotAllowed, "Send it with POST: it does something.");
        }

        var (action, name) = (path[Prefix.Length..], context.Request.Query["slot"].ToString());
        var slot = KeySlots.Parse(name.Length == 0 ? KeySlot.Primary.Name() : name);
        if (ring.Current.Keys.FirstOrDefault(key => key.Slot == slot) is not { } key)
        {
            return errors.WriteAsync(context, FailoverError.InvalidRequest, "No key is in the slot that ?slot= names: PRIMARY, SECONDARY, 3…9 or OLD.");
        }

        return sandbox!(action, key.Key.Reveal())
            ? JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json =>
            {
                json.WriteString("slot"u8, key.Slot.Name());
                json.WriteString("key_id"u8, key.Id);
                json.WriteString("action"u8, action);
            })
            : errors.WriteAsync(context, EndpointErrors.NotFound, "The sandbox takes kill, exhaust, slow, leak and revive.");
    }
}
