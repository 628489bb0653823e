using System.Text.RegularExpressions;

namespace Thimble.Lab.Evaluate;

/// <summary>Summaries: the longest common subsequence with the reference, and whether the form asked for was kept.</summary>
internal static partial class Summaries
{
    /// <summary>One sentence under a heading, then numbered points.</summary>
    public static IReadOnlyList<Grade> Outline(Exercise exercise, string answer) =>
        [new("score", Overlap.Subsequence(answer, exercise.Target)), new("form", Outlined().IsMatch(answer.Trim()) ? 1 : 0)];

    /// <summary>Who wrote, then one sentence no longer than what was written.</summary>
    public static IReadOnlyList<Grade> Message(Exercise exercise, string answer)
    {
        bool kept = Signed().IsMatch(answer.Trim()) && answer.Length <= SmartTask.Named(exercise.Group).Body(exercise.Turns[0]).Length;
        return [new("score", Overlap.Subsequence(answer, exercise.Target)), new("form", kept ? 1 : 0)];
    }

    [GeneratedRegex(@"^概要[：:]\s*\S[^\n]*\n(.|\n)*?^\s*1\s*[.、．]", RegexOptions.Multiline)]
    private static partial Regex Outlined();

    [GeneratedRegex(@"^[^\n：:]{1,30}[：:]\s*\n\s*\S[^\n]*$")]
    private static partial Regex Signed();
}
