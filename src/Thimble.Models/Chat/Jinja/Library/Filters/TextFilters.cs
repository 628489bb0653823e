using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Filters that make a text of a text.</summary>
internal static class TextFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        Of("upper(value)", Casing.Upper),
        Of("lower(value)", text => text.ToLowerInvariant()),
        Of("capitalize(value)", Casing.Capital),
        Of("title(value)", Casing.Headline),
        Builtin.Of("trim(value, chars?)", (rendering, b) => b[0] is TextValue { IsSafe: true } safe
            ? new TextValue(TextMethods.Strip(safe.Value, b[1], rendering, true, true), isSafe: true)
            : JinjaValue.Of(TextMethods.Strip(rendering.Text(b[0]!), b[1], rendering, true, true))),
        Builtin.Of("replace(value, old, new, count?)", (rendering, b) => JinjaValue.Of(TextMethods.Replace(
            rendering.Text(b[0]!), rendering.Text(b[1]!), rendering.Text(b[2]!), TextMethods.Whole(b[3], -1, rendering), rendering))),
        Builtin.Of("indent(value, width?, first?, blank?)", Indent),
        Builtin.Of("center(value, width?)", Center),
        Builtin.Of("wordcount(value)", (rendering, b) => JinjaValue.Of((long)TextMethods.Words(rendering.Text(b[0]!)).Count)),
        Builtin.Of("truncate(value, length?, killwords?, end?, leeway?)", Truncate),
        Builtin.Of("urlencode(value)", (rendering, b) =>
            JinjaValue.Of(Uri.EscapeDataString(rendering.Text(b[0]!)).Replace("%2F", "/", StringComparison.Ordinal))),
        Builtin.Of("safe(value)", (rendering, b) => new TextValue(rendering.Text(b[0]!), isSafe: true)),
        Builtin.Of("escape(value)", Escape),
        Builtin.Of("e(value)", Escape),
        Builtin.Of("forceescape(value)", (rendering, b) => new TextValue(Escaping.Html(rendering.Text(b[0]!)), isSafe: true)),
    ];

    private static Builtin Of(string head, Func<string, string> change) => Builtin.Of(head, (rendering, bound) =>
    {
        string text = rendering.Text(bound[0]!);
        rendering.Charge(text.Length);
        return JinjaValue.Of(change(text));
    });

    private static TextValue Escape(Rendering rendering, JinjaValue?[] b) => b[0] is TextValue { IsSafe: true } safe
        ? safe
        : new(Escaping.Html(rendering.Text(b[0]!)), isSafe: true);

    private static JinjaValue Indent(Rendering rendering, JinjaValue?[] b)
    {
        string unit = b[1] is TextValue given ? given.Value : new string(' ', (int)Math.Clamp(TextMethods.Whole(b[1], 4, rendering), 0, 1000));
        bool indentsFirst = b[2]?.IsTrue ?? false, indentsBlank = b[3]?.IsTrue ?? false;
        List<string> lines = TextSplit.Lines(rendering.Text(b[0]!) + "\n", keepsEnds: false);
        var text = new Printer(rendering);
        for (int i = 0; i < lines.Count; i++)
        {
            if (i > 0)
                text.Append("\n");
            bool isBlank = lines[i].Length == 0 && i > 0;
            if (i == 0 ? indentsFirst : !isBlank || indentsBlank)
                text.Append(unit);
            text.Append(lines[i]);
        }
        return JinjaValue.Of(text.ToString());
    }

    private static JinjaValue Center(Rendering rendering, JinjaValue?[] b)
    {
        string text = rendering.Text(b[0]!);
        long width = TextMethods.Whole(b[1], 80, rendering);
        rendering.CheckLength(width);
        int room = (int)Math.Max(0, width - PythonText.Count(text));
        int left = (room / 2) + (room & (int)width & 1);   // Python gives the odd blank to the left in an odd width
        return JinjaValue.Of(new StringBuilder().Append(' ', left).Append(text).Append(' ', room - left).ToString());
    }

    private static JinjaValue Truncate(Rendering rendering, JinjaValue?[] b)
    {
        string text = rendering.Text(b[0]!), end = b[3] is null ? "..." : rendering.Text(b[3]!);
        long length = TextMethods.Whole(b[1], 255, rendering), leeway = TextMethods.Whole(b[4], 5, rendering);
        if (PythonText.Count(text) <= length + leeway)
            return JinjaValue.Of(text);
        string cut = PythonText.Cut(text, 0, (int)Math.Max(0, length - PythonText.Count(end)));
        int blank = cut.LastIndexOf(' ');
        return JinjaValue.Of((b[2]?.IsTrue ?? false) || blank < 0 ? cut + end : cut[..blank] + end);
    }
}
