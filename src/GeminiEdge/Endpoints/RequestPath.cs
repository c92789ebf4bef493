using GeminiEdge.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Endpoints;

/// <summary>The path as the caller sent it, before anyone decoded it.</summary>
internal static class RequestPath
{
    public static string Of(HttpContext context) => RawTarget.Split(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget).Path;
}
