using System.Globalization;
using System.Text.RegularExpressions;

namespace Thimble.Grammar;

/// <summary>A pattern that is one class of characters and a count, such as <c>^[a-z]{3,64}$</c>.</summary>
/// <param name="Free">The pattern without its count.</param>
/// <param name="Least">The least count.</param>
/// <param name="Most">The greatest.</param>
internal sealed partial record CountedClass(string Free, int Least, int Most)
{
    private const int Few = 8;   // counts that the automaton may as well hold

    /// <summary>The class and count of a pattern; null where it is another, or the count is small.</summary>
    public static CountedClass? In(string pattern)
    {
        if (Shape().Match(pattern) is not { Success: true, Groups: [_, var set, var first, var comma, var last] })
            return null;
        int least = Number(first.Value), most = !comma.Success ? least : last.Length == 0 ? Term.Unbounded : Number(last.Value);
        return Math.Max(least, most == Term.Unbounded ? 0 : most) > Few && least <= most ? new($"^{set.Value}*$", least, most) : null;

        static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\A\^(\.|\\[dDwWsS]|\[(?:[^\[\]\\]|\\.)+\])\{(\d{1,5})(,)?(\d{0,5})\}\$\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
