namespace Thimble.Models.Chat;

/// <summary>A mark that a reply is searched for, and what it does there.</summary>
/// <param name="Text">The mark.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Call">The call that it opens, if any.</param>
/// <param name="Close">What closes the reasoning that it opens, if any.</param>
internal sealed record ReplyMark(string Text, ReplyMarkKind Kind, CallSyntax? Call = null, string Close = "")
{
    /// <summary>All marks of a format, longer ones before those they end in.</summary>
    public static ReplyMark[] Of(ReplyFormat format) =>
    [
        .. ((IEnumerable<ReplyMark>)
        [
            .. format.Calls.Where(call => call.Open.Length > 0).Select(call => new ReplyMark(call.Open, ReplyMarkKind.OpensCall, call)),
            .. format.Thinking.Select(marks => new ReplyMark(marks.Open, ReplyMarkKind.OpensReasoning, Close: marks.Close)),
            .. format.Thinking.Select(marks => new ReplyMark(marks.Close, ReplyMarkKind.ClosesReasoning)),
            .. format.Before.Select(mark => new ReplyMark(mark, ReplyMarkKind.BeforeCall)),
            .. format.After.Select(mark => new ReplyMark(mark, ReplyMarkKind.AfterCall)),
            .. format.Silent.Select(mark => new ReplyMark(mark, ReplyMarkKind.Silent)),
        ]).OrderByDescending(mark => mark.Text.Length),   // stable: of marks with one text the first comes first
    ];
}
