using System.Net.Sockets;
using GeminiEdge.Configuration;

namespace GeminiEdge.Server;

/// <summary>Why the server can't listen where it should.</summary>
internal static class ListenFault
{
    /// <summary>One sentence that says which address it is and what to do; null for a fault of another kind.</summary>
    public static string? Sentence(Exception fault, ListenAddress address)
    {
        if (SocketFault(fault) is not { } code)
        {
            return null;
        }

        // The server names the address in some of its texts, and in others none.
        var which = address.Each.FirstOrDefault(each => fault.Message.Contains($"{each.TrimEnd('/')}:", StringComparison.OrdinalIgnoreCase)) ?? string.Join(" or ", address.Each);
        var choose = address.Hosting == Hosting.CustomHandler ? "start the Functions host again, which chooses the port" : "choose another address with --urls or ASPNETCORE_URLS";
        var why = code switch
        {
            SocketError.AddressAlreadyInUse => $"another program does: end that one, or {choose}",
            SocketError.AccessDenied => $"this user may not (ports below 1024 take a privilege): {choose}",
            SocketError.AddressNotAvailable => $"it is no address of this machine: {choose}, 127.0.0.1 for this machine alone or 0.0.0.0 for every network",
            _ => $"the system says {code}: {choose}",
        };
        return $"GeminiEdge can't listen on {which}, because {why}.";
    }

    private static SocketError? SocketFault(Exception? fault)
    {
        while (fault is not (null or SocketException))
        {
            fault = fault.InnerException;
        }

        return (fault as SocketException)?.SocketErrorCode;
    }
}
