using System.Globalization;

namespace Thimble.Grammar;

/// <summary>The names of Unicode's general categories.</summary>
internal static class UnicodeNames
{
    // In the order of UnicodeCategory: short name, long name.
    private static readonly (string Short, string Long)[] s_names =
    [
        ("Lu", "Uppercase_Letter"), ("Ll", "Lowercase_Letter"), ("Lt", "Titlecase_Letter"), ("Lm", "Modifier_Letter"), ("Lo", "Other_Letter"),
        ("Mn", "Nonspacing_Mark"), ("Mc", "Spacing_Mark"), ("Me", "Enclosing_Mark"),
        ("Nd", "Decimal_Number"), ("Nl", "Letter_Number"), ("No", "Other_Number"),
        ("Zs", "Space_Separator"), ("Zl", "Line_Separator"), ("Zp", "Paragraph_Separator"),
        ("Cc", "Control"), ("Cf", "Format"), ("Cs", "Surrogate"), ("Co", "Private_Use"),
        ("Pc", "Connector_Punctuation"), ("Pd", "Dash_Punctuation"), ("Ps", "Open_Punctuation"), ("Pe", "Close_Punctuation"),
        ("Pi", "Initial_Punctuation"), ("Pf", "Final_Punctuation"), ("Po", "Other_Punctuation"),
        ("Sm", "Math_Symbol"), ("Sc", "Currency_Symbol"), ("Sk", "Modifier_Symbol"), ("So", "Other_Symbol"), ("Cn", "Unassigned"),
    ];

    /// <summary>The categories of a name; none for one unknown.</summary>
    public static UnicodeCategory[] Categories(string name)
    {
        name = name switch
        {
            "Letter" => "L",
            "Mark" => "M",
            "Number" => "N",
            "Separator" => "Z",
            "Other" => "C",
            "Punctuation" or "punct" => "P",
            "Symbol" => "S",
            "digit" => "Nd",
            "cntrl" => "Cc",
            _ => name,
        };
        return
        [
            .. s_names.Index()
                .Where(known => known.Item.Short == name || known.Item.Long == name || (name.Length == 1 && known.Item.Short[0] == name[0]))
                .Select(known => (UnicodeCategory)known.Index),
        ];
    }
}
