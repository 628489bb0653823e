using System.Net;
using System.Text;

namespace Thimble.Lab.Plots;

/// <summary>A web page of headings, paragraphs, tables and pictures, whole in one file.</summary>
internal sealed class Page(string title)
{
    private const string Style = "body{font:14px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .7em;border-bottom:1px solid #ddd;text-align:right}td:first-child,th:first-child{text-align:left}";

    private readonly StringBuilder _body = new();

    /// <summary>Adds a heading.</summary>
    public void Heading(string text) => _body.Append($"<h2>{Text(text)}</h2>\n");

    /// <summary>Adds a paragraph.</summary>
    public void Paragraph(string text) => _body.Append($"<p>{Text(text)}</p>\n");

    /// <summary>Adds a picture.</summary>
    public void Picture(Chart chart) => _body.Append(chart.ToSvg()).Append('\n');

    /// <summary>Adds a table, its first row in bold.</summary>
    public void Table(IReadOnlyList<string[]> rows)
    {
        _body.Append("<table>\n");
        for (int i = 0; i < rows.Count; i++)
        {
            string cell = i == 0 ? "th" : "td";
            _body.Append("<tr>").AppendJoin("", rows[i].Select(text => $"<{cell}>{Text(text)}</{cell}>")).Append("</tr>\n");
        }

        _body.Append("</table>\n");
    }

    /// <summary>The page.</summary>
    public override string ToString() =>
        $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{Text(title)}</title><style>{Style}</style></head>\n<body><h1>{Text(title)}</h1>\n{_body}</body></html>\n";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
