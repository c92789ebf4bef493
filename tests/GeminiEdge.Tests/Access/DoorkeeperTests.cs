using System.Net;
using GeminiEdge.Access;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Access;

/// <summary>Which key opens which door, and what is said at a closed one.</summary>
public class DoorkeeperTests
{
    // The host has checked the key, wherever the caller put it.
    [Theory]
    [InlineData("x-goog-api-key", null, true, true)]
    [InlineData("x-functions-key", null, true, true)]
    [InlineData("Authorization", null, true, true)]
    [InlineData(null, "?key=anything", true, false)]
    [InlineData(null, "?code=anything", true, false)]
    [InlineData(null, "?other=anything", false, false)]
    [InlineData(null, null, false, false)]
    [InlineData("X-Other", null, false, false)]
    public void ForeignPageOnTheHost_PresentsAKey_GetsIn(string? header, string? query, bool getsIn, bool getsInDuringDevelopment)
    {
        foreach (var (inDevelopment, expected) in new[] { (false, getsIn), (true, getsInDuringDevelopment) })
        {
            var context = ForeignPage();
            context.Request.QueryString = new QueryString(query ?? "");
            if (header is not null)
            {
                context.Request.Headers[header] = "anything";
            }

            var doorkeeper = new Doorkeeper(new AccessOptions { OnHost = true, InDevelopment = inDevelopment });
            Assert.Equal(expected, doorkeeper.Refusal(Area.Api, context) is null);
            Assert.Equal(expected, doorkeeper.Refusal(Area.Admin, context) is null);
        }
    }

    [Fact]
    public void ForeignPageOnTheHost_PresentsNone_IsToldWhereTheKeyGoes()
    {
        var doorkeeper = new Doorkeeper(new AccessOptions { OnHost = true });

        Assert.Contains("x-functions-key", doorkeeper.Refusal(Area.Api, ForeignPage()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Api", "GEMINI_EDGE_CLIENT_KEYS")]
    [InlineData("Native", "GEMINI_EDGE_CLIENT_KEYS")]
    [InlineData("Admin", "GEMINI_EDGE_ADMIN_KEYS")]
    public void Refusal_NamesTheSettingOfItsDoor(string area, string setting)
    {
        var keys = new AccessOptions { OnHost = false, ClientKeys = Keys(Caller.Key), AdminKeys = Keys(Caller.AdminKey) };

        Assert.StartsWith($"No valid key was presented. Send one of the keys of the setting {setting} as x-goog-api-key", Said(keys), StringComparison.Ordinal);
        Assert.StartsWith($"Nobody gets in: the setting {setting} holds no key", Said(new AccessOptions { OnHost = false }), StringComparison.Ordinal);
        Assert.StartsWith($"Without keys in the setting {setting} only programs on this machine get in", Said(new AccessOptions { OnHost = false, InDevelopment = true }), StringComparison.Ordinal);

        string? Said(AccessOptions options) => new Doorkeeper(options).Refusal(Enum.Parse<Area>(area), Stranger());
    }

    private static PresentedKeys Keys(string setting) => PresentedKeys.Parse(setting).Keys;

    private static DefaultHttpContext ForeignPage()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers["Sec-Fetch-Site"] = "cross-site";
        return context;
    }

    private static DefaultHttpContext Stranger()
    {
        var context = new DefaultHttpContext();
        context.Request.Host = new HostString("edge.example");
        context.Connection.RemoteIpAddress = IPAddress.Parse("203.0.113.9");
        return context;
    }
}
