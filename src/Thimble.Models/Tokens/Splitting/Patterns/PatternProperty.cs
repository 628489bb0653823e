namespace Thimble.Models.Tokens;

/// <summary>The Unicode properties a pattern may name: <c>\p{Lu}</c>.</summary>
internal static class PatternProperty
{
    // In the order of UnicodeCategory.
    private static readonly string[] s_categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary>The classes of <see cref="CodePoint"/> a property covers, or <see langword="null"/>.</summary>
    public static uint? Classes(string name) => name switch
    {
        "L" or "Letter" => CodePoint.Letter,
        "M" or "Mark" => CodePoint.Mark,
        "N" or "Number" => CodePoint.Number,
        "P" or "Punctuation" => CodePoint.Punctuation,
        "S" or "Symbol" => CodePoint.Sign,
        "Z" or "Separator" => CodePoint.Separator,
        "C" or "Other" => CodePoint.Other,
        "Han" or "Script=Han" => CodePoint.Han,
        _ => Array.IndexOf(s_categories, name) is >= 0 and int category ? 1u << category : null,
    };
}
