namespace GeminiEdge.Cli;

/// <summary>Puts a table into lines that fit: lesser columns go first, then the widest cells are broken at spaces.</summary>
internal static class TableLayout
{
    private const int Gap = 2;

    /// <param name="lesser">The columns that go, in this order, where the terminal is too narrow for all.</param>
    public static IEnumerable<Cell[]> Lines(string[] columns, IReadOnlyList<Cell[]> rows, string[] lesser, int width)
    {
        foreach (var column in lesser)
        {
            if (Total(Widest(columns, rows, text => TextLayout.Columns(text))) <= width)
            {
                break;
            }

            var at = Array.IndexOf(columns, column);
            (columns, rows) = (Without(columns, at), [.. rows.Select(row => Without(row, at))]);
        }

        var widths = Shrunk(columns, rows, width);
        return new[] { Array.ConvertAll(columns, column => new Cell(column, Tone.Title)) }.Concat(rows).SelectMany(row => Broken(row, widths));
    }

    /// <summary>The widest give way, each at most to its longest word.</summary>
    private static int[] Shrunk(string[] columns, IReadOnlyList<Cell[]> rows, int width)
    {
        var widths = Widest(columns, rows, text => TextLayout.Columns(text));
        var least = Widest(columns, rows, text => text.Split(' ').Max(TextLayout.Columns));
        while (Total(widths) > width)
        {
            var wide = Enumerable.Range(0, widths.Length).Where(i => widths[i] > least[i]).ToList();
            if (wide.Count == 0)
            {
                break;
            }

            widths[wide.MaxBy(i => widths[i])]--;
        }

        return widths;
    }

    private static IEnumerable<Cell[]> Broken(Cell[] row, int[] widths)
    {
        var cells = row.Select((cell, i) => TextLayout.Wrap(cell.Text, widths[i], hang: 0).ToList()).ToList();
        for (var line = 0; line < cells.Max(cell => cell.Count); line++)
        {
            var last = cells.FindLastIndex(cell => line < cell.Count && cell[line].Length > 0);
            yield return
            [
                .. row.Take(last + 1).Select((cell, i) =>
                {
                    var text = line < cells[i].Count ? cells[i][line] : "";
                    return cell with { Text = i == last ? text : text + new string(' ', widths[i] + Gap - TextLayout.Columns(text)) };
                }),
            ];
        }
    }

    private static int[] Widest(string[] columns, IReadOnlyList<Cell[]> rows, Func<string, int> measure) =>
        [.. columns.Select((name, i) => rows.Select(row => measure(row[i].Text)).Append(measure(name)).Max())];

    private static int Total(int[] widths) => widths.Sum() + (Gap * (widths.Length - 1));

    private static T[] Without<T>(T[] cells, int at) => [.. cells[..at], .. cells[(at + 1)..]];
}
