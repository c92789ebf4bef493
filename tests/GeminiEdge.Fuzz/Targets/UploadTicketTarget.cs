using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>
/// An address that was handed out, and what somebody made of it: the first byte says which, then each three where a letter is
/// put in, taken out or changed, and what follows a zero is written behind it.
/// </summary>
internal static class UploadTicketTarget
{
    private static readonly ImmutableArray<string> HandedOut =
    [
        UploadTicket.Issue("/upload/v1beta/files", "?upload_id=one&upload_protocol=resumable", FakeKeys.First, StillTime.Now + UploadTicket.Lifetime),
        UploadTicket.Issue("/upload/v1beta/files", "", FakeKeys.Second, StillTime.Now + UploadTicket.Lifetime),
        UploadTicket.Issue("/upload/v1beta/files", "?upload_id=old", FakeKeys.First, StillTime.Now - TimeSpan.FromHours(1)),
    ];

    public static void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var issued = HandedOut[input[0] % HandedOut.Length];
        var address = Changed(issued, input.AsSpan(1));
        var mark = address.IndexOf('?', StringComparison.Ordinal);
        if (mark < 0 || UploadTicket.Read(address[..mark], address[mark..]) is not { } ticket)
        {
            return;
        }

        var isSigned = ticket.IsSignedBy(FakeKeys.Ring);
        var without = address[..mark] + CredentialQuery.StripCredentials(address[mark..]);
        Promise.That(!isSigned || HandedOut.Contains(without), "What is let in was handed out, letter for letter.");
        Promise.That(isSigned || !HandedOut.Contains(without), "What was handed out is let in, a credential beside it or none.");
        Promise.That(!isSigned || ticket.HasExpired(StillTime.Now) == (without == HandedOut[2]), "It holds as long as was said.");
        foreach (var key in FakeKeys.Ring.Keys)
        {
            var next = ticket.NextExpiry(key.Key, StillTime.Now);
            Promise.That(next > StillTime.Now && next <= StillTime.Now + UploadTicket.Lifetime, "No address holds longer than the first.");
        }
    }

    private static string Changed(string address, ReadOnlySpan<byte> changes)
    {
        var letters = address.ToList();
        while (changes is [> 0 and var how, var where, var letter, ..])
        {
            var at = where % letters.Count;
            switch (how % 3)
            {
                case 0:
                    letters.Insert(at, (char)letter);
                    break;
                case 1 when letters.Count > 1:
                    letters.RemoveAt(at);
                    break;
                default:
                    letters[at] = (char)letter;
                    break;
            }

            changes = changes[3..];
        }

        return string.Concat(letters) + (changes is [0, ..] ? FuzzInput.Letters(changes[1..]) : "");
    }
}
