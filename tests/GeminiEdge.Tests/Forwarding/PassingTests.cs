using System.Buffers;
using System.Text;
using CsCheck;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Whatever comes, however it is cut and however little is looked at: what goes on is what came.</summary>
public class PassingTests
{
    private static readonly string[] Pieces =
    [
        GeminiChunk.Event(GeminiChunk.Text("one")),
        GeminiChunk.Event(GeminiChunk.Text(new string('x', 900)), "\n"),
        GeminiChunk.Text("raw { \\\" \\\\ }"),
        "data: {\"unknown\":1}\n\n",
        "event: named\ndata: {\"unknown\":\"" + new string('y', 700) + "\"}\n\n",
        "data: {\"a\":\ndata: 1}\n\n",
        ": comment\n\n",
        "id: 7\n",
        "data: [DONE]\n\n",
        "{\"unknown\":\"" + new string('z', 1_200) + "\"}",
        "[", "]", ",\r\n", "\n", "\r\n", " ", "anything else\n", "data: cut",
    ];

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(number => Pieces[number]);

    [Fact]
    public void PassTo_AnythingCutAnywhere_IsWhatCame() =>
        Gen.Select(Piece.Array[0, 12], Gen.Int[1, 97].Array[1, 20], Gen.Int[64, 1_000]).Sample((pieces, cuts, limit) =>
        {
            var bytes = Encoding.ASCII.GetBytes(string.Concat(pieces));
            var passed = new ArrayBufferWriter<byte>();
            using var scanner = new AnswerScanner(limit);
            for (var (at, cut) = (0, 0); at < bytes.Length; cut++)
            {
                var count = Math.Min(cuts[cut % cuts.Length], bytes.Length - at);
                scanner.Append(bytes.AsSpan(at, count));
                at += count;
                while (scanner.TryReadPiece(out _))
                {
                    // Only what they do to the bytes is looked at.
                }

                Assert.True(scanner.PassTo(passed, toEnd: false));
                Assert.Equal(bytes.AsSpan(0, passed.WrittenCount), passed.WrittenSpan);
                Assert.InRange(at - passed.WrittenCount, 0, limit + count);
            }

            while (scanner.TryReadLastPiece(out _))
            {
                // Nor here.
            }

            Assert.True(scanner.PassTo(passed, toEnd: true));
            Assert.Equal(bytes, passed.WrittenSpan);
        }, iter: 20_000);
}
