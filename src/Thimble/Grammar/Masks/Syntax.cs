namespace Thimble.Grammar;

/// <summary>A compiled grammar, whatever the vocabulary.</summary>
/// <param name="Start">Where a text begins.</param>
/// <param name="HasControls">Whether control tokens may be asked for, too.</param>
internal sealed record Syntax(Frame Start, bool HasControls = false)
{
    /// <summary>The grammar of one term.</summary>
    public static Syntax Of(Terms terms, Term term, bool hasControls = false)
    {
        var automaton = new Automaton(terms, term, isLast: true);
        if (ReferenceEquals(automaton.Start, State.Dead))
            throw new ArgumentException("No text fits the format: its demands contradict each other.", nameof(term));
        return new(new TermFrame(automaton.Start, EndFrame.Last), hasControls);
    }
}
