namespace Thimble.Grammar;

/// <summary>The deterministic automaton of a term, built as far as it is walked.</summary>
/// <remarks>May be walked by several threads: building takes the pool's lock, walking none.</remarks>
internal sealed class Automaton
{
    private const int Largest = 50_000;

    private readonly Terms _terms;
    private readonly ByteClasses _classes;
    private readonly bool _isLast;
    private readonly Dictionary<Term, TermState> _states = [];

    /// <summary>The automaton of a term.</summary>
    /// <param name="terms">Where the term was made.</param>
    /// <param name="start">The term.</param>
    /// <param name="isLast">Whether nothing follows it, so that it is never left.</param>
    public Automaton(Terms terms, Term start, bool isLast = false)
    {
        (_terms, _classes, _isLast) = (terms, ByteClasses.Of(start), isLast);
        lock (_terms)
            Start = Of(start);
    }

    /// <summary>Where reading begins; <see cref="State.Dead"/> for a term that matches nothing.</summary>
    public State Start { get; }

    /// <summary>The state of a term that is left of the start.</summary>
    public State At(Term term)
    {
        lock (_terms)
            return Of(term);
    }

    private State Of(Term term)
    {
        if (_states.TryGetValue(term, out TermState? state))
            return state;
        if (!_terms.IsAlive(term))
            return State.Dead;
        if (_states.Count == Largest)
            throw new CapacityException($"The grammar needs more than {Largest} states; allowed are {Largest}. Use smaller patterns, lengths or counts.", Largest + 1, Largest);
        return _states[term] = new(this, term);
    }

    private sealed class TermState : State
    {
        private readonly Automaton _automaton;
        private readonly Term _term;
        private (Rule, State)[]? _calls;

        public TermState(Automaton automaton, Term term)
            : base(automaton._classes)
        {
            (_automaton, _term, Accepts, IsFinal) = (automaton, term, term.IsNullable, term.Kind == TermKind.Empty);
            HasExits = (Accepts && !IsFinal && !automaton._isLast) || term.HasCalls;
        }

        public override object? Origin => _automaton;

        public override IReadOnlyList<(Rule Rule, State Then)> Calls => _term.HasCalls ? _calls ??= FindCalls() : [];

        private protected override State Compute(byte value)
        {
            lock (_automaton._terms)
                return _automaton.Of(_automaton._terms.After(_term, value));
        }

        private (Rule, State)[] FindCalls()
        {
            HashSet<Rule> rules = [];
            Terms.Callable(_term, rules);
            lock (_automaton._terms)
                return [.. rules.Select(rule => (rule, _automaton.Of(_automaton._terms.After(_term, rule))))];
        }
    }
}
