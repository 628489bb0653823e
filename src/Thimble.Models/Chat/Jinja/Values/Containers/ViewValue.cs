namespace Thimble.Models.Chat;

/// <summary>Elements to walk: a generator, which can be walked once, or a view of a dictionary, which has a length.</summary>
internal sealed class ViewValue(string kind, IEnumerable<JinjaValue> elements, Func<int>? length = null) : JinjaValue
{
    private readonly IEnumerator<JinjaValue>? _once = length is null ? elements.GetEnumerator() : null;

    public override string Kind => kind;

    public override bool IsTrue => length is null || length() > 0;

    public override int? Length => length?.Invoke();

    public override void PrintQuoted(Printer to)
    {
        if (length is null)
        {
            to.Append("<generator object>");
            return;
        }
        to.Append(kind);
        to.Append("(");
        new ListValue([.. elements]).PrintQuoted(to);
        to.Append(")");
    }

    public override IEnumerable<JinjaValue> Elements(Rendering rendering) => _once is null ? elements : Rest(_once);

    private static IEnumerable<JinjaValue> Rest(IEnumerator<JinjaValue> once)
    {
        while (once.MoveNext())
            yield return once.Current;
    }
}
