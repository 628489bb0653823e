using System.Numerics;
using System.Text.RegularExpressions;

namespace Thimble.Grammar;

/// <summary>The members of one kind of object, each written in a notation, in any order and each once.</summary>
/// <remarks>Only named members are written, and others only where nothing counts them: less than the schema allows, never more.</remarks>
internal sealed partial class Members
{
    private const int MostNames = 64;

    private readonly Terms _terms;
    private readonly MemberNotation _notation;
    private readonly ObjectShape _shape;
    private readonly (int Name, Term Member)[] _members;
    private readonly Term? _other;
    private readonly Dictionary<ulong, MembersRule> _rules = [];
    private readonly ulong _required;

    /// <summary>Prepares the members of a shape.</summary>
    /// <param name="terms">Where terms are made.</param>
    /// <param name="notation">How they are written.</param>
    /// <param name="shape">The kind of object.</param>
    /// <param name="value">What stands behind a key of a number: the value and what shuts it; null where the notation cannot write one.</param>
    /// <param name="other">What stands behind a key that has no name; null where there is none.</param>
    /// <exception cref="CapacityException">There are too many names.</exception>
    public Members(Terms terms, MemberNotation notation, ObjectShape shape, Func<int, Term?> value, Func<Term?> other)
    {
        (_terms, _notation, _shape) = (terms, notation, shape);
        if (shape.Names.Length > MostNames)
            throw new CapacityException($"A tool takes {shape.Names.Length} arguments by name; in calls of this line of models {MostNames} are allowed.", shape.Names.Length, MostNames);
        for (int name = 0; name < shape.Names.Length; name++)
            _required |= shape.IsRequired(name) ? 1UL << name : 0;
        _members = [.. Enumerable.Range(0, shape.Names.Length)
            .Where(name => shape.IsNamedAlive(name) && Writable().IsMatch(shape.Names[name]))
            .Select(name => (name, value(name)))
            .Where(member => member.Item2 is not null)
            .Select(member => (member.name, terms.Sequence(Key(terms.Literal(shape.Names[member.name])), member.Item2!)))];
        _other = shape.TakesAnyKey && shape.Most == Term.Unbounded && other() is { } behind ? terms.Sequence(Key(OtherKey()), behind) : null;
    }

    /// <summary>Whether the notation can write an object of this shape.</summary>
    public bool IsWritable =>
        _shape.ExistsCount == 0 && _shape.Least <= _members.Length
        && BitOperations.PopCount(_required & Written) == BitOperations.PopCount(_required);

    private ulong Written => _members.Aggregate(0UL, (all, member) => all | (1UL << member.Name));

    /// <summary>The members that may follow those of a set.</summary>
    public MembersRule After(ulong seen)
    {
        lock (_rules)
            return _rules.TryGetValue(seen, out MembersRule? known) ? known : _rules[seen] = new(this, seen);
    }

    /// <summary>Whether no more need follow.</summary>
    public bool CanEnd(ulong seen) => (_required & ~seen) == 0 && BitOperations.PopCount(seen) >= _shape.Least;

    /// <summary>What may follow the members of a set, as a term.</summary>
    public Term Following(ulong seen)
    {
        int count = BitOperations.PopCount(seen), missing = BitOperations.PopCount(_required & ~seen);
        bool hasRoom = _shape.Most == Term.Unbounded || count + missing < _shape.Most;
        List<Term> choices = CanEnd(seen) ? [_terms.Empty] : [];
        Term comma = seen == 0 || _notation.Comma.Length == 0 ? _terms.Empty : _terms.Sequence(_terms.Literal(_notation.Comma), Space);
        foreach ((int name, Term member) in _members)
        {
            ulong bit = 1UL << name;
            if ((seen & bit) == 0 && (hasRoom || (_required & bit) != 0))
                choices.Add(_terms.Sequence(comma, member, Space, _terms.Call(After(seen | bit))));
        }

        // With a comma before each but the first, others would have to be told from the first.
        if (_other is not null && (_notation.Comma.Length == 0 || seen != 0))
            choices.Add(_terms.Sequence(comma, _other, Space, _terms.Call(After(seen))));
        return _terms.Choice(choices);
    }

    /// <summary>Where terms are made.</summary>
    public Terms Terms => _terms;

    private Term Space => CallFormat.Space(_terms);

    private Term Key(Term name) => _terms.Sequence(CallFormat.Mark(_terms, _notation.KeyOpen), name);

    /// <summary>A word that is none of the names.</summary>
    private Term OtherKey()
    {
        Term letters = _terms.Bytes(ByteSet.Range('a', 'z') | ByteSet.Range('A', 'Z') | ByteSet.Range('_', '_'));
        Term more = _terms.Bytes(ByteSet.Range('a', 'z') | ByteSet.Range('A', 'Z') | ByteSet.Range('_', '_') | ByteSet.Range('0', '9'));
        Term word = _terms.Sequence(letters, _terms.Repeat(more, 0, 40));
        return _terms.Both(word, _terms.Not(_terms.Choice(_shape.Names.Select(name => _terms.Literal(name)))));
    }

    [GeneratedRegex("^[A-Za-z0-9_.-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Writable();
}
