using System.Text.RegularExpressions;

namespace Thimble.Lab.Evaluate;

/// <summary>A text laid out as Markdown: its words must still be there in order, and its lists must be marked in one way.</summary>
internal static partial class Layout
{
    /// <summary>Grades a layout. The score is how much of the text is kept, nothing if nothing was laid out.</summary>
    public static IReadOnlyList<Grade> Grade(Exercise exercise, string answer)
    {
        string wanted = Plain(SmartTask.Named(exercise.Group).Body(exercise.Turns[0])), found = Plain(answer);
        double kept = (double)Overlap.LongestCommon<char>(found, wanted) / Math.Max(1, wanted.Length);
        double laidOut = Mark().IsMatch(Lines(answer)) ? 1 : 0;
        return [new("score", kept * laidOut), new("numbering", laidOut * Numbering(answer))];
    }

    /// <summary>What stands there without marks, links' targets and white space.</summary>
    internal static string Plain(string text) => Overlap.Bare(Symbols().Replace(Mark().Replace(Lines(text), ""), ""));

    /// <summary>Whether neighbouring items of one depth are marked alike: all with points or all with numbers.</summary>
    private static double Numbering(string text)
    {
        Dictionary<int, bool> kinds = [];
        foreach (string line in Lines(text).Split('\n'))
        {
            Match item = Item().Match(line);
            if (!item.Success)
            {
                if (line.Trim().Length > 0)
                    kinds.Clear();
                continue;
            }

            bool numbered = char.IsLetterOrDigit(item.Groups["mark"].Value[0]);
            int depth = item.Groups["indent"].Length;
            if (kinds.TryGetValue(depth, out bool before) && before != numbered)
                return 0;
            kinds[depth] = numbered;
        }

        return 1;
    }

    /// <summary>Line ends written as a backslash and an n are line ends.</summary>
    private static string Lines(string text) => text.Replace("\\n", "\n", StringComparison.Ordinal).ReplaceLineEndings("\n");

    [GeneratedRegex(@"^\s*(?:#{1,6}\s+|[-*+]\s+|\d+[.)、]\s*|>\s*|-{3,}\s*$)|\*\*|\|", RegexOptions.Multiline)]
    private static partial Regex Mark();

    [GeneratedRegex("[*_`#|>~]")]
    private static partial Regex Symbols();

    [GeneratedRegex(@"^(?<indent>\s*)(?<mark>[-*+]|\d+[.)、]|[A-Za-z][.)])\s+\S")]
    private static partial Regex Item();
}
