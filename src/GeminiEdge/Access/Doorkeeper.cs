using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Access;

/// <summary>Decides who gets in, by area and caller.</summary>
internal sealed class Doorkeeper(AccessOptions options)
{
    /// <summary>Null when the caller may enter, else why not and what to do.</summary>
    public string? Refusal(Area area, HttpContext context) => area switch
    {
        Area.Root or Area.Health or Area.Status or Area.None or Area.Live => null,

        // The host has asked for the function key (admin level for /api/admin); `func start` asks for none, and looks at none.
        Area.Api or Area.Admin when options.OnHost => context.Request.IsOfForeignPage() && !context.Request.PresentsAny(inQuery: !options.InDevelopment)
            ? "A page of another site sent this request, and no key came with it. Present the function key as x-functions-key."
            : null,
        Area.Admin => Refusal(options.AdminKeys, "GEMINI_EDGE_ADMIN_KEYS", context),
        Area.Native when options.OnHost && options.ClientKeys.IsEmpty =>
            "Native routes are closed: the setting GEMINI_EDGE_CLIENT_KEYS is empty, and the Functions host asks for no key on these routes. Set it and present one of its keys as x-goog-api-key.",
        _ => Refusal(options.ClientKeys, "GEMINI_EDGE_CLIENT_KEYS", context),
    };

    private string? Refusal(PresentedKeys keys, string setting, HttpContext context)
    {
        if (!keys.IsEmpty)
        {
            return context.Request.PresentsOneOf(keys)
                ? null
                : $"No valid key was presented. Send one of the keys of the setting {setting} as x-goog-api-key or as Authorization: Bearer.";
        }

        // Off the host nothing that a proxy can fake or forget opens a door.
        if (!options.InDevelopment)
        {
            return $"Nobody gets in: the setting {setting} holds no key, and only a run in Development (what dotnet run is) does without. Set it and present one of its keys as x-goog-api-key.";
        }

        return context.IsLocal()
            ? null
            : $"Without keys in the setting {setting} only programs on this machine get in, with no proxy between and for no page of another site. Set it and present one of its keys as x-goog-api-key.";
    }
}
