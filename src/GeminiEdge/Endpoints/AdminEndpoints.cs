using System.Text.Json;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary><c>POST /api/admin/refresh</c> and <c>POST /api/admin/probe</c>.</summary>
internal sealed class AdminEndpoints(KeyRefresher refresher, KeyRingProvider ring, KeyProber prober, ErrorWriter errors)
{
    public ValueTask HandleAsync(HttpContext context, string path) => path switch
    {
        "/api/admin/refresh" or "/api/admin/probe" when !HttpMethods.IsPost(context.Request.Method) => RefuseAsync(context),
        "/api/admin/refresh" => RefreshAsync(context),
        "/api/admin/probe" => ProbeAsync(context),
        _ => errors.WriteAsync(context, EndpointErrors.NotFound, "The admin routes are POST /api/admin/refresh, POST /api/admin/probe, GET /api/admin/status and GET /api/admin/status/events."),
    };

    private static void WriteKey(Utf8JsonWriter json, RingKey key)
    {
        json.WriteString("slot"u8, key.Slot.Name());
        json.WriteString("key_id"u8, key.Id);
        json.WriteString("version"u8, key.Version);
    }

    private ValueTask RefuseAsync(HttpContext context)
    {
        context.Response.Headers.Allow = "POST";
        return errors.WriteAsync(context, FailoverError.MethodNotAllowed, "Send it with POST: it does something.");
    }

    private async ValueTask RefreshAsync(HttpContext context)
    {
        var (changed, trouble) = await refresher.RefreshAsync(context.RequestAborted);
        if (trouble is not null)
        {
            await errors.WriteAsync(context, EndpointErrors.VaultUnreachable, trouble.Sentence);
            return;
        }

        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("changed"u8, changed);
            json.WriteStartArray("keys"u8);
            foreach (var key in ring.Current.Keys)
            {
                json.WriteStartObject();
                WriteKey(json, key);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private async ValueTask ProbeAsync(HttpContext context)
    {
        var results = await prober.ProbeAsync(RequestId.Of(context), context.RequestAborted);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("keys"u8);
            foreach (var result in results)
            {
                json.WriteStartObject();
                WriteKey(json, result.Key);
                json.WriteString("verdict"u8, Consequence.Of(result.Verdict).Name);
                if (result.Status is { } status)
                {
                    json.WriteNumber("status"u8, status);
                }

                json.WriteNumber("duration_ms"u8, (long)result.Duration.TotalMilliseconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }
}
