using System.Text;
using CsCheck;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Tests.Forwarding;

public class AnswerScannerTests
{
    private const int Roomy = 1 << 20;
    private const int Tight = 256;

    private static readonly Gen<string> Texts =
        Gen.OneOf(Gen.Char["{}[]\\\"',: abdt\n\r\u00e9\u20ac"], Gen.Char).Array[0, 12].Select(chars => JsonText(chars));

    private static readonly Gen<string> Objects = Gen.Select(Texts, Texts, Gen.Bool, Gen.Bool, (a, b, nested, spread) =>
    {
        var space = spread ? "\r\n  " : "";
        return nested ? $"{{{space}{a}:{{\"x\":[{b},{{}}]}}{space}}}" : $"{{{space}{a}:{b}{space}}}";
    });

    private static readonly Func<string[], string>[] Frames =
    [
        objects => string.Concat(objects.Select(o => $"data: {OneLine(o)}\r\n\r\n")),
        objects => string.Concat(objects.Select(o => $"data:{OneLine(o)}\n\n")),
        objects => string.Concat(objects.Select(o => $": ping\r\n\r\nevent: message\r\ndata: {OneLine(o)}\r\nid: 1\r\n\r\n")) + "data: [DONE]\r\n\r\n",
        objects => string.Concat(objects.Select((o, i) => i % 2 == 0 ? $"data: {OneLine(o)}\r\n\r\n" : $"{o}\r\n")),
        objects => $"[{string.Join(",\r\n", objects)}\r\n]\r\n",
        objects => $"[{string.Join(",", objects)}]",
        objects => $" [\n  {string.Join("\n  ,\r", objects)} \n]",
        objects => string.Join("\n", objects),
        objects => string.Concat(objects),
    ];

    private static readonly Gen<Func<string[], string>> Framings = Gen.Int[0, Frames.Length - 1].Select(i => Frames[i]);

    [Fact]
    public void TryReadPiece_AnySeriesSplitAnywhere_YieldsExactlyItsObjects() =>
        Gen.Select(Objects.Array[0, 6], Framings, Gen.Int[1, 40].Array[1, 20]).Sample((objects, frame, sizes) =>
        {
            var pieces = Scan(Roomy, frame(objects), sizes).Where(piece => piece != "[DONE]");
            Assert.Equal(objects.Select(OneLine), pieces.Select(OneLine));
        });

    [Fact]
    public void TryReadPiece_SomeObjectsAreOversized_StillYieldsTheOthersAndNoFragment() =>
        Gen.Select(Objects.Where(o => o.Length < 90), Gen.Int[0, 900]).Select((o, padding) => padding < 300 ? o : $"{{\"p\":{o}{new string(' ', padding)},\"q\":[{o},{o}]}}")
            .Array[1, 6].Select(Framings, Gen.Int[1, 40].Array[1, 20]).Sample((objects, frame, sizes) =>
            {
                var pieces = Scan(Tight, frame(objects), sizes).Where(piece => piece != "[DONE]").Select(OneLine).ToArray();
                var all = objects.Select(OneLine).ToArray();
                Assert.All(pieces, piece => Assert.Contains(piece, all));
                Assert.Equal(all.Where(o => o.Length <= 90), pieces.Where(o => o.Length <= 90));
            });

    [Fact]
    public void TryReadPiece_RawErrorBetweenEvents_IsAPiece()
    {
        var pieces = Scan(Roomy, "data: {\"a\":1}\r\n\r\n{\n  \"error\": {\n    \"code\": 503\n  }\n}\ndata: {\"b\":2}\r\n\r\n", [1]);

        Assert.Equal(["{\"a\":1}", "{\n  \"error\": {\n    \"code\": 503\n  }\n}", "{\"b\":2}"], pieces);
    }

    [Fact]
    public void TryReadPiece_RawArrayBetweenEvents_IsAPiece() =>
        Assert.Equal(["{\"a\":1}", "{\"error\":{}}", "{\"b\":2}"], Scan(Roomy, "data: {\"a\":1}\n\n[{\"error\":{}}\n]\ndata: {\"b\":2}\n\n", [1]));

    [Fact]
    public void TryReadPiece_EventOfSeveralLines_JoinsThem() =>
        Assert.Equal(["{\n \"a\":1\n}"], Scan(Roomy, "data: {\r\ndata:  \"a\":1\r\ndata: }\r\n\r\n", [1]));

    [Fact]
    public void TryReadPiece_OneLineOfAnEventIsOversized_SkipsTheWholeEvent() =>
        Assert.Equal(["{\"b\":2}"], Scan(Tight, $"data: {{\ndata: \"a\":\"{new string('x', 2 * Tight)}\"\ndata: }}\n\ndata: {{\"b\":2}}\n\n", [50]));

    [Fact]
    public void TryReadPiece_AnObjectInAnOversizedEventIsOversizedToo_SkipsTheWholeEvent()
    {
        var large = new string('x', 2 * Tight);

        Assert.Equal(["{\"c\":3}"], Scan(Tight, $"data: {{\"a\":\"{large}\"}}\n{{\"b\":\"{large}\"}},\ndata: {{\"b\":2}}\n\ndata: {{\"c\":3}}\n\n", [50]));
    }

    [Theory]
    [InlineData("data: {\"a\":1}")]
    [InlineData("data: {\"a\":1}\r")]
    [InlineData("data: {\"a\":1}\n")]
    [InlineData("data: {\"a\":1}\r\n\r")]
    public void TryReadLastPiece_BlankLineIsMissing_YieldsTheEvent(string answer) => Assert.Equal(["{\"a\":1}"], Scan(Roomy, answer, [100]));

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("[{\"a\":\"}")]
    [InlineData("{\"a\":\"\\")]
    public void TryReadLastPiece_ObjectIsCut_YieldsNothing(string answer) => Assert.Empty(Scan(Roomy, answer, [1]));

    [Theory]
    [InlineData("data: {\"text\":\"")]
    [InlineData("[{\"text\":\"")]
    [InlineData("data: {\ndata: \"")]
    public void DropRead_PieceIsOversized_KeepsMemoryBounded(string start)
    {
        using var scanner = new AnswerScanner(Tight);
        scanner.Append(Encoding.UTF8.GetBytes(start));
        for (var i = 0; i < 10_000; i++)
        {
            scanner.Append("0123456789{[data:"u8);
            Assert.False(scanner.TryReadPiece(out _));
            scanner.DropRead();
            Assert.InRange(scanner.Bytes.Length, 0, Tight);
        }
    }

    [Fact]
    public void DropRead_LongStream_KeepsMemoryBounded()
    {
        using var scanner = new AnswerScanner(Tight);
        for (var i = 0; i < 10_000; i++)
        {
            scanner.Append("data: {\"a\":1}\r\n\r\n"u8);
            Assert.True(scanner.TryReadPiece(out _));
            Assert.False(scanner.TryReadPiece(out _));
            scanner.DropRead();
            Assert.Equal(0, scanner.Bytes.Length);
        }
    }

    private static List<string> Scan(int limit, string answer, int[] sizes)
    {
        using var scanner = new AnswerScanner(limit);
        var bytes = Encoding.UTF8.GetBytes(answer);
        var pieces = new List<string>();
        for (int start = 0, turn = 0; start < bytes.Length; turn++)
        {
            var end = Math.Min(bytes.Length, start + sizes[turn % sizes.Length]);
            scanner.Append(bytes.AsSpan(start, end - start));
            start = end;
            while (scanner.TryReadPiece(out var piece))
            {
                pieces.Add(Encoding.UTF8.GetString(piece.Span));
            }

            scanner.DropRead();
        }

        while (scanner.TryReadLastPiece(out var last))
        {
            pieces.Add(Encoding.UTF8.GetString(last.Span));
        }

        return pieces;
    }

    private static string OneLine(string json) => json.Replace("\r\n  ", "", StringComparison.Ordinal);

    private static string JsonText(char[] chars) => $"\"{string.Concat(chars.Select(c => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        < ' ' or (>= '\ud800' and <= '\udfff') => $"\\u{(int)c:x4}",
        _ => c.ToString(),
    }))}\"";
}
