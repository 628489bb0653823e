namespace Thimble.Grammar;

/// <summary>From the rules of a grammar to what follows a text through them.</summary>
/// <remarks>A rule that does not lead back to itself is written into those that use it; the others are entered as rules.</remarks>
internal sealed class GbnfSyntax
{
    private const int MostInlined = 20_000;

    private readonly Terms _terms = new();
    private readonly Spelling _spelling;
    private readonly Dictionary<string, RegexNode> _rules;
    private readonly Dictionary<string, TermRule> _entered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Term> _written = new(StringComparer.Ordinal);
    private readonly HashSet<string> _productive = new(StringComparer.Ordinal);
    private bool _hasMarks;

    private GbnfSyntax(Dictionary<string, RegexNode> rules) => (_rules, _spelling) = (rules, new(_terms, isJson: false));

    /// <summary>Compiles a grammar.</summary>
    /// <param name="text">The grammar; its rule <c>root</c> is what a text must match.</param>
    /// <exception cref="ArgumentException">It is no grammar, or a rule is missing, left-recursive, or matches nothing.</exception>
    /// <exception cref="NotSupportedException">It asks for tokens by number.</exception>
    public static Syntax Compile(string text) => new GbnfSyntax(GbnfParser.Parse(text)).Build();

    private Syntax Build()
    {
        if (!_rules.ContainsKey("root"))
            throw new ArgumentException("The grammar has no rule 'root'; that is where a text begins.");
        foreach ((string name, RegexNode node) in _rules)
            RequireKnown(node, name);
        foreach (string name in Recursive())
            _entered[name] = new(name);
        FindProductive();
        _written.Clear();
        foreach ((string name, TermRule rule) in _entered)
        {
            Term body = Write(_rules[name]);
            if (_productive.Contains(name))
                rule.Body = new(_terms, body);
        }

        FindNullable();
        RefuseLeftRecursion();
        Term root = Write(new RegexNode.Call("root"));
        return root == _terms.Nothing
            ? throw new ArgumentException("The grammar's rule 'root' matches no text: it never ends.")
            : Syntax.Of(_terms, root, _hasMarks);
    }

    private void RequireKnown(RegexNode node, string inside)
    {
        foreach (RegexNode.Call call in Calls(node))
        {
            if (!_rules.ContainsKey(call.Rule))
                throw new ArgumentException($"The grammar's rule '{inside}' uses '{call.Rule}', which is not defined; defined are {string.Join(", ", _rules.Keys.Take(20))}.");
        }
    }

    private static IEnumerable<RegexNode.Call> Calls(RegexNode node) => node switch
    {
        RegexNode.Call call => [call],
        RegexNode.Row row => row.Parts.SelectMany(Calls),
        RegexNode.Choice choice => choice.Parts.SelectMany(Calls),
        RegexNode.Repeat repeat => Calls(repeat.Part),
        _ => [],
    };

    /// <summary>The rules that lead back to themselves.</summary>
    private string[] Recursive()
    {
        var calls = _rules.ToDictionary(rule => rule.Key, rule => Calls(rule.Value).Select(call => call.Rule).Distinct().ToArray());
        return [.. _rules.Keys.Where(name =>
        {
            HashSet<string> seen = [];
            var open = new Stack<string>(calls[name]);
            while (open.TryPop(out string? next))
            {
                if (seen.Add(next))
                    Array.ForEach(calls[next], open.Push);
            }

            return seen.Contains(name);
        })];
    }

    /// <summary>Finds the entered rules that can be left again.</summary>
    private void FindProductive()
    {
        for (bool grew = true; grew;)
        {
            grew = false;
            _written.Clear();
            foreach (string name in _entered.Keys)
            {
                if (!_productive.Contains(name) && Write(_rules[name]) != _terms.Nothing)
                    grew = _productive.Add(name);
            }
        }
    }

    private Term Write(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.One one:
                return _spelling.Of(one.Set);
            case RegexNode.Row row:
                return _terms.Sequence([.. row.Parts.Select(Write)]);
            case RegexNode.Choice choice:
                return _terms.Choice(choice.Parts.Select(Write));
            case RegexNode.Repeat repeat:
                return _terms.Repeat(Write(repeat.Part), repeat.Least, repeat.Most);
            case RegexNode.Mark mark:
                _hasMarks = true;
                return _terms.Choice(_terms.Literal(mark.Name), _terms.Sequence(_terms.Literal([TokenTrie.ControlMark]), _terms.Literal(mark.Name)));
            case RegexNode.Call call when _entered.TryGetValue(call.Rule, out TermRule? rule):
                return _productive.Contains(call.Rule) ? _terms.Call(rule) : _terms.Nothing;
            case RegexNode.Call call:
                if (_written.TryGetValue(call.Rule, out Term? known))
                    return known;
                Term written = Write(_rules[call.Rule]);
                if (written.Size > MostInlined && written != _terms.Nothing)
                {
                    var large = new TermRule(call.Rule) { Body = new(_terms, written), Nullable = written.IsNullable };
                    written = _terms.Call(large);
                }

                return _written[call.Rule] = written;
            default:
                throw new NotSupportedException($"The grammar holds {node.GetType().Name}, which is of regular expressions only.");
        }
    }

    private void FindNullable()
    {
        foreach (TermRule rule in _entered.Values)
            rule.Nullable = false;
        for (bool grew = true; grew;)
        {
            grew = false;
            foreach (TermRule rule in Productive())
            {
                if (rule.Nullable == false && TermFrame.CanEndAt(rule.Body.Start, EndFrame.Last))
                    rule.Nullable = grew = true;
            }
        }
    }

    private IEnumerable<TermRule> Productive() => _entered.Where(rule => _productive.Contains(rule.Key)).Select(rule => rule.Value);

    private void RefuseLeftRecursion()
    {
        foreach (TermRule rule in Productive())
        {
            HashSet<State> seen = [];
            var open = new Stack<State>([rule.Body.Start]);
            while (open.TryPop(out State? state))
            {
                if (!seen.Add(state))
                    continue;
                foreach ((Rule called, State then) in state.Calls)
                {
                    if (ReferenceEquals(called, rule))
                        throw new ArgumentException($"The grammar's rule '{rule.Name}' is left-recursive: it can reach itself before any character. Write it as a repetition.");
                    open.Push(((TermRule)called).Body.Start);
                    if (called.CanBeEmpty)
                        open.Push(then);
                }
            }
        }
    }
}
