namespace Thimble.Models.Chat;

/// <summary>The marks that models put around their reasoning.</summary>
internal static class ThinkingMarks
{
    /// <summary>Opening and closing marks, the commonest first.</summary>
    public static IReadOnlyList<(string Open, string Close)> Known { get; } =
    [
        ("<think>", "</think>"),
        ("<mm:think>", "</mm:think>"),
        ("<seed:think>", "</seed:think>"),
        ("[THINK]", "[/THINK]"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<|inner_prefix|>", "<|inner_suffix|>"),
    ];

    /// <summary>Whether a text ends inside reasoning it has opened.</summary>
    public static bool EndsInside(string text) =>
        Known.Any(marks => text.LastIndexOf(marks.Open, StringComparison.Ordinal) > text.LastIndexOf(marks.Close, StringComparison.Ordinal)
            && text.AsSpan().TrimEnd().EndsWith(marks.Open));
}
