using GeminiEdge.Access;
using GeminiEdge.Configuration;
using GeminiEdge.Endpoints;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Status;
using GeminiEdge.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GeminiEdge;

/// <summary>The edge, as both hosting models see it: one method that answers any request.</summary>
public sealed class Edge
{
    private readonly bool _isConfigured;
    private readonly Doorkeeper _doorkeeper;
    private readonly SignedUploads _uploads;
    private readonly HealthEndpoint _health;
    private readonly GenerateEndpoint _generate;
    private readonly OpenApiEndpoint _openApi;
    private readonly NativeEndpoint _native;
    private readonly AdminEndpoints _admin;
    private readonly StatusRoutes _status;
    private readonly ErrorWriter _errors;
    private readonly KeyMask _mask;
    private readonly ILogger _log;

    internal Edge(
        EdgeConfiguration configuration, Doorkeeper doorkeeper, SignedUploads uploads, HealthEndpoint health, GenerateEndpoint generate,
        OpenApiEndpoint openApi, NativeEndpoint native, AdminEndpoints admin, StatusRoutes status, ErrorWriter errors, KeyMask mask, ILogger<Edge> log)
    {
        (_isConfigured, _doorkeeper, _uploads) = (configuration.Problems.IsEmpty, doorkeeper, uploads);
        (_health, _generate, _openApi, _native) = (health, generate, openApi, native);
        (_admin, _status, _errors, _mask, _log) = (admin, status, errors, mask, log);
    }

    /// <summary>
    /// Answers a request: judges its raw target and its caller, forwards it with the first key that works, and turns
    /// every fault into an error that says what to do. Never throws.
    /// </summary>
    /// <param name="context">The request; its response must not have started.</param>
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var requestId = RequestId.Assign(context, _mask);
        var span = RequestSpan.Begin(context);
        var caller = context.Features[typeof(CallerConnection)] as CallerConnection;
        caller?.Begin(context);
        try
        {
            await RouteAsync(context);
        }
        catch (Exception e) when (e is ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            // The caller left; there is nobody to tell. (A read may see it before the token does, and what is left
            // unread must not be waited for.)
            context.Abort();
        }
        catch (IOException e)
        {
            // The server found the fault while the body was read: cut short, too slow, or not HTTP.
            AnswerHeaders.Forget(context.Response);
            await _errors.WriteBodyFaultAsync(context, e);
        }
#pragma warning disable CA1031 // The last boundary: one request's fault must not become the process's.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _log.InternalError(requestId, e, _mask);
            AnswerHeaders.Forget(context.Response);
            await _errors.WriteAsync(context, EndpointErrors.InternalError, $"Report it with the request id {requestId}; the log says where it happened.");
        }
        finally
        {
            caller?.End();
            if (span is not null)
            {
                RequestSpan.End(span, context);
            }
        }
    }

    private ValueTask RouteAsync(HttpContext context)
    {
        var area = RawTarget.AreaOf(context);
        if (area is Area.None)
        {
            return NotFoundAsync(context);
        }

        if (_doorkeeper.Refusal(area, context) is { } refusal)
        {
            return area == Area.Native && _isConfigured && SignedUploads.TicketOf(context) is { } ticket
                ? SendOnAsync(context, ticket)
                : RefuseAsync(context, refusal);
        }

        if (!_isConfigured && area is not (Area.Root or Area.Health or Area.Status))
        {
            return _errors.WriteAsync(context, EndpointErrors.InvalidConfiguration, "The log's configuration_invalid lines say which settings to change.");
        }

        var path = RequestPath.Of(context);
        return area switch
        {
            Area.Root => _health.GreetAsync(context),
            Area.Health => _health.HandleAsync(context, _isConfigured),
            Area.Status => _status.ShowPageAsync(context),
            Area.Admin when _status.Serves(path) => _status.HandleAsync(context, path),
            Area.Admin => _admin.HandleAsync(context, path),
            Area.Native => _native.HandleAsync(context),
            Area.Live => _errors.WriteAsync(context, EndpointErrors.LiveNotSupported, "The edge forwards HTTP requests; the Live API's WebSocket is not supported."),
            _ when path == GenerateEndpoint.Path => _generate.HandleAsync(context),
            _ when path == OpenApiEndpoint.Path => _openApi.HandleAsync(context),
            _ => NotFoundAsync(context),
        };
    }

    private async ValueTask SendOnAsync(HttpContext context, UploadTicket ticket)
    {
        if (await _uploads.AdmitsAsync(ticket, context.RequestAborted))
        {
            await _native.HandleAsync(context);
        }
        else
        {
            await RefuseAsync(context, SignedUploads.Refusal);
        }
    }

    private ValueTask RefuseAsync(HttpContext context, string refusal)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return _errors.WriteAsync(context, EndpointErrors.Unauthorized, refusal);
    }

    private ValueTask NotFoundAsync(HttpContext context) =>
        _errors.WriteAsync(context, EndpointErrors.NotFound, "The routes are /api/generate, /api/health, /api/openapi.json, /v1beta/…, /v1/…, /v1alpha/…, /upload/… and /download/…, spelled exactly so.");
}
