namespace Thimble.Grammar;

/// <summary>The formats of texts as regular expressions; where there are several for one, all hold.</summary>
/// <remarks>Source: JSON Schema validation 2020-12, section 7.3, and the RFCs it names: 3339, 5321, 1123, 2673, 4291, 3986, 3987, 6570, 4122, 6901.
/// Leap seconds are left out: whether one is right depends on the offset.</remarks>
internal static class TextFormats
{
    private const string Byte = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private const string Ipv4 = $"{Byte}(\\.{Byte}){{3}}";
    private const string Word = "[0-9A-Fa-f]{1,4}";
    private const string Tail = $"({Word}:{Word}|{Ipv4})";
    private const string Ipv6 =
        $"(({Word}:){{6}}{Tail}|::({Word}:){{5}}{Tail}|({Word})?::({Word}:){{4}}{Tail}|(({Word}:)?{Word})?::({Word}:){{3}}{Tail}" +
        $"|(({Word}:){{0,2}}{Word})?::({Word}:){{2}}{Tail}|(({Word}:){{0,3}}{Word})?::{Word}:{Tail}|(({Word}:){{0,4}}{Word})?::{Tail}" +
        $"|(({Word}:){{0,5}}{Word})?::{Word}|(({Word}:){{0,6}}{Word})?::)";

    private const string Leap = "(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)";
    private const string Date =
        $"(\\d{{4}}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))|{Leap}-02-29)";

    private const string Time = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?([Zz]|[+-]([01]\\d|2[0-3]):[0-5]\\d)";
    private const string Label = "[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?";
    private const string Host = $"{Label}(\\.{Label})*";
    private const string Atom = "[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+";
    private const string Quoted = "\"([ !#-\\[\\]-~]|\\\\[ -~])*\"";
    private const string Percent = "%[0-9A-Fa-f]{2}";
    private const string Unreserved = "0-9A-Za-z._~\\-", Delims = "!$&'()*+,;=", Wide = "\\u00A0-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFEF\\u{10000}-\\u{EFFFD}";

    private const string Count = "(0|[1-9]\\d*)", Mark = $"({Count}|\\d*[A-Za-z-][0-9A-Za-z-]*)";
    private const string Version = $"{Count}\\.{Count}\\.{Count}(-{Mark}(\\.{Mark})*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?";
    private const string Color = "#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})|aqua|black|blue|fuchsia|gray|green|lime|maroon|navy|olive|orange|purple|red|silver|teal|white|yellow";

    // Of all regular expressions those whose groups nest twice at most; ranges of a class are whole ones, so that none is swapped.
    private const string Signs = "\\^$\\\\.*+?()\\[\\]{}|/", Escaped = $"\\\\[dDwWsStnrvf{Signs}]";
    private const string Atom1 = $"([^\\u0000-\\u001F{Signs}]|\\.|{Escaped}|\\[\\^?(a-z|A-Z|0-9|[^\\u0000-\\u001F\\\\\\[\\]^-]|{Escaped})+\\])";
    private const string Times = "(([*+?]|\\{(\\d{1,2},?|\\d,[1-9]\\d|0,\\d|1,[1-9]|2,[2-9]|3,[3-9])\\})\\??)?", Items1 = $"({Atom1}{Times})*";
    private const string Atom2 = $"({Atom1}|\\((\\?:)?{Items1}(\\|{Items1})*\\))", Items2 = $"({Atom2}{Times})*";
    private const string Atom3 = $"({Atom2}|\\((\\?:)?{Items2}(\\|{Items2})*\\))", Items3 = $"\\^?({Atom3}{Times})*\\$?";

    private static readonly Dictionary<string, string[]> s_patterns = new(StringComparer.Ordinal)
    {
        ["date"] = [Date],
        ["time"] = [Time],
        ["date-time"] = [$"{Date}[Tt]{Time}"],
        ["duration"] = ["P(\\d+W|(\\d+D|\\d+M(\\d+D)?|\\d+Y(\\d+M(\\d+D)?)?)(T(\\d+S|\\d+M(\\d+S)?|\\d+H(\\d+M(\\d+S)?)?))?|T(\\d+S|\\d+M(\\d+S)?|\\d+H(\\d+M(\\d+S)?)?))"],
        ["email"] = [$"({Atom}(\\.{Atom})*|{Quoted})@({Host}|\\[({Ipv4}|IPv6:{Ipv6})\\])"],
        ["idn-email"] = [$"([^\\s@\"(),:;<>\\[\\]\\\\]+|{Quoted})@([^\\s@\"(),:;<>\\[\\]\\\\]+)"],
        ["hostname"] = [Host, ".{1,253}"],
        ["ipv4"] = [Ipv4],
        ["ipv6"] = [Ipv6],
        ["uuid"] = ["[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"],
        ["uri"] = [Uri("", isReference: false)],
        ["uri-reference"] = [Uri("", isReference: true)],
        ["iri"] = [Uri(Wide, isReference: false)],
        ["iri-reference"] = [Uri(Wide, isReference: true)],
        ["uri-template"] = ["([^\\u0000-\\u0020\"'%<>\\\\^`{|}]|" + Percent + "|\\{[+#./;?&=,!@|]?(\\w|" + Percent + ")(\\.?(\\w|" + Percent + "))*(:[1-9]\\d{0,3}|\\*)?(,(\\w|" + Percent + ")(\\.?(\\w|" + Percent + "))*(:[1-9]\\d{0,3}|\\*)?)*\\})*"],
        ["json-pointer"] = ["(/([^~/]|~[01])*)*"],
        ["relative-json-pointer"] = ["(0|[1-9]\\d*)(#|(/([^~/]|~[01])*)*)"],
        ["url"] = [Uri("", isReference: false)],
        ["host-name"] = [Host, ".{1,253}"],
        ["ip-address"] = [Ipv4],
        ["color"] = [Color],
        ["semver"] = [Version],
        ["regex"] = [$"{Items3}(\\|{Items3})*"],
        ["byte"] = ["([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"],
    };

    // Formats that say nothing of the letters of a text, or of the digits of a number; those of forms tell how a value is shown.
    private static readonly string[] s_free =
        ["password", "float", "double", "binary", "utc-millisec", "text", "textarea", "markdown", "html", "table", "tabs", "grid", "checkbox", "select", "radio"];

    private static readonly Dictionary<string, (string Least, string Most)> s_ranges = new(StringComparer.Ordinal)
    {
        ["int8"] = ("-128", "127"),
        ["int16"] = ("-32768", "32767"),
        ["int32"] = ("-2147483648", "2147483647"),
        ["int64"] = ("-9223372036854775808", "9223372036854775807"),
        ["uint8"] = ("0", "255"),
        ["uint16"] = ("0", "65535"),
        ["uint32"] = ("0", "4294967295"),
        ["uint64"] = ("0", "18446744073709551615"),
    };

    /// <summary>The formats that are known.</summary>
    public static IEnumerable<string> Names => [.. s_patterns.Keys.Concat(s_free).Concat(s_ranges.Keys).Order(StringComparer.Ordinal)];

    /// <summary>The expressions of a format; null for one unknown.</summary>
    public static IReadOnlyList<string>? Pattern(string name) => s_patterns.GetValueOrDefault(name);

    /// <summary>Whether a format leaves texts and numbers as they are.</summary>
    public static bool IsFree(string name) => Array.IndexOf(s_free, name) >= 0;

    /// <summary>The bounds of a format of numbers.</summary>
    public static (string Least, string Most)? Range(string name) => s_ranges.TryGetValue(name, out (string, string) range) ? range : null;

    private static string Uri(string more, bool isReference)
    {
        string plain = $"[{Unreserved}{Delims}{more}]|{Percent}", part = $"({plain}|[:@])", segment = $"{part}*";
        string host = $"(\\[({Ipv6}|v[0-9A-Fa-f]+\\.[{Unreserved}{Delims}:]+)\\]|({plain})*)";
        string authority = $"(({plain}|:)*@)?{host}(:\\d*)?";
        string rest = $"(\\?({part}|[/?])*)?(#({part}|[/?])*)?";
        string path = $"(//{authority}(/{segment})*|/({part}+(/{segment})*)?|{part}+(/{segment})*|)";
        string absolute = $"[A-Za-z][A-Za-z0-9+.-]*:{path}{rest}";
        if (!isReference)
            return absolute;
        string noColon = $"(//{authority}(/{segment})*|/({part}+(/{segment})*)?|({plain}|@)+(/{segment})*|)";
        return $"({absolute}|{noColon}{rest})";
    }
}
