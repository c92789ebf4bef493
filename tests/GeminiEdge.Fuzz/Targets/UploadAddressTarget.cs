using System.Collections.Immutable;
using System.Net;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>An address in an answer's header, of an upload or a redirect: where the edge goes with it, and what it hands out.</summary>
internal static class UploadAddressTarget
{
    private static readonly ImmutableArray<string> Upstreams = ["https://generativelanguage.googleapis.com", "http://127.0.0.1:7000", "https://gateway.example/gemini"];

    public static void Run(byte[] input)
    {
        var text = FuzzInput.Letters(input);
        CheckParts(text);
        foreach (var upstream in Upstreams)
        {
            CheckUpload(text, upstream);
            CheckRedirect(text, upstream);
        }
    }

    private static void CheckParts(string text)
    {
        if (RawAddress.Parse(text) is not { } address)
        {
            return;
        }

        var fragment = text.IndexOf('#', StringComparison.Ordinal);
        Promise.Same(fragment < 0 ? text : text[..fragment], address.Origin + address.Path + address.Query, "An address is its parts.");
        Promise.That(address.Query is "" or ['?', ..], "A query begins with its mark.");
        Promise.That(!address.Path.Contains('?', StringComparison.Ordinal), "A path has no query in it.");
    }

    private static void CheckUpload(string text, string upstream)
    {
        var expires = StillTime.Now + UploadTicket.Lifetime;
        if (UploadAddress.Signed(text, upstream, FakeKeys.Second, expires) is not { } handedOut)
        {
            return;
        }

        Promise.That(handedOut.StartsWith("/upload/", StringComparison.Ordinal), "An upload stays below /upload/.");
        Promise.That(handedOut.All(letter => letter is >= '!' and <= '~'), "What is handed out goes into a header.");
        Promise.That(!FakeKeys.AreIn(handedOut), "What is handed out holds no key.");

        // It comes back as it was handed out, and goes to the edge alone.
        var came = new Uri("https://edge.example" + handedOut, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        Promise.Same(("edge.example", handedOut), (came.Host, came.PathAndQuery), "What is handed out leads to the edge.");
        var mark = handedOut.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = (handedOut[..mark], handedOut[mark..]);
        Promise.Same(Access.Area.Native, Access.RawTarget.Judge(handedOut), "The edge takes what it handed out.");
        var ticket = UploadTicket.Read(path, query);
        Promise.That(ticket is { IsSigned: true } && ticket.IsSignedBy(FakeKeys.Ring) && !ticket.HasExpired(StillTime.Now), "The edge knows its own signature.");
        Promise.Same(FakeKeys.Second, ticket.KeyIn(FakeKeys.Ring)!.Key, "Of two keys that end alike the one that signed is meant.");
        Promise.Same(UploadPhase.Continue, GeminiCallReader.Read("POST", path, query, "").Upload, "It goes on with an upload.");
    }

    private static void CheckRedirect(string text, string upstream)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Found);
        if (!response.Headers.TryAddWithoutValidation("Location", text) || Redirect.Target(response, "/v1beta/files/a:download?alt=media", upstream) is not { } target)
        {
            return;
        }

        Promise.That(target.All(letter => letter is >= '!' and <= '~'), "A redirect goes into a request line.");
        var sent = new Uri(upstream + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        Promise.Same(new Uri(upstream).Authority, sent.Authority, "A redirect stays at the upstream.");
        var path = new Uri(upstream + target).AbsolutePath[new Uri(upstream).AbsolutePath.TrimEnd('/').Length..];
        Promise.That(NativePath.IsNative(path) && !path.StartsWith("/upload/", StringComparison.Ordinal), "A redirect stays below the upstream's own paths, whoever takes its steps.");
    }
}
