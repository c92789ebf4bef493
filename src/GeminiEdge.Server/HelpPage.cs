namespace GeminiEdge.Server;

/// <summary>What <c>--help</c> says. No line is wider than 80 columns.</summary>
internal static class HelpPage
{
    public const string Text = """
        GeminiEdge answers Gemini API calls with the first key that works.

        Usage:
          GeminiEdge.Server [--urls ADDRESS]
          dotnet run --project src/GeminiEdge.Server -- [--urls ADDRESS]

        Options:
          --urls ADDRESS   where to listen, as http://127.0.0.1:8080; several with ';'
                           between them; http://0.0.0.0:8080 for every network
          --health         ask the edge that listens there, as a container's health
                           check does: 0 while a key works, else 1
          --version        the version
          -h, --help       this page

        Settings, in the environment (all of them: README.md, "Configuration"):
          GEMINI_API_KEY_PRIMARY    the key that is tried first, and the one after it
          GEMINI_API_KEY_SECONDARY
          GEMINI_KEYVAULT_URI       read the keys live from this key vault instead
          GEMINI_EDGE_CLIENT_KEYS   the keys that callers present, with commas between
          GEMINI_EDGE_ADMIN_KEYS    likewise for /api/admin and the operators' page
          GEMINI_MODEL              the model of a request that names none
          GEMINI_BASE_URL           the upstream, when it isn't Google
          ASPNETCORE_URLS           where to listen, without --urls
          ASPNETCORE_ENVIRONMENT    Development: programs on this machine need no key,
                                    and without keys a simulated Gemini answers

        Examples:
          set -a; . ./edge.env; set +a; GeminiEdge.Server
          ASPNETCORE_ENVIRONMENT=Development GeminiEdge.Server

        Exit codes:
          0     stopped in order
          1     it can't listen there: the port is taken, say; --health: no key works
          64    the command line, or the address to listen on, is wrong
          130   stopped by a second Ctrl-C

        The API: GET /api/openapi.json on a running edge. How it decides, and how it is
        run: docs/design.md and docs/operations.md.
        """;
}
