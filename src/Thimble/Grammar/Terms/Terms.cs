using System.Runtime.InteropServices;

namespace Thimble.Grammar;

/// <summary>Makes terms: simplified as they are made, and one object for one formula.</summary>
/// <remarks>Source: Brzozowski, "Derivatives of Regular Expressions", 1964; Owens, Reppy and Turon, "Regular-expression derivatives
/// re-examined", 2009, sections 4.1 and 4.2.</remarks>
internal sealed partial class Terms
{
    private readonly Dictionary<TermKey, Term> _made = new();
    private readonly Dictionary<(int, byte), Term> _derived = [];

    /// <summary>An empty pool.</summary>
    public Terms()
    {
        Nothing = Make(new(TermKind.Nothing), [], isNullable: false, isPlain: false, life: false);
        Empty = Make(new(TermKind.Empty), [], isNullable: true, isPlain: true);
        Everything = Make(new(TermKind.Not, Nothing.Id), [Nothing], isNullable: true, isPlain: true);
        AnyByte = Bytes(ByteSet.All);
    }

    /// <summary>No text.</summary>
    public Term Nothing { get; }

    /// <summary>The empty text.</summary>
    public Term Empty { get; }

    /// <summary>Every text.</summary>
    public Term Everything { get; }

    /// <summary>Any one byte.</summary>
    public Term AnyByte { get; }

    /// <summary>One byte of a set.</summary>
    public Term Bytes(ByteSet set) => set.IsEmpty ? Nothing : Make(new(TermKind.Bytes, Set: set), [], isNullable: false, isPlain: true);

    /// <summary>A text.</summary>
    public Term Literal(ReadOnlySpan<byte> text)
    {
        Term term = Empty;
        for (int i = text.Length - 1; i >= 0; i--)
            term = Sequence(Bytes(ByteSet.Range(text[i], text[i])), term);
        return term;
    }

    /// <summary>A text.</summary>
    public Term Literal(string text) => Literal(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Any of several texts, with common beginnings written once.</summary>
    public Term Literals(IEnumerable<byte[]> texts)
    {
        byte[][] sorted = [.. texts];
        Array.Sort(sorted, static (x, y) => x.AsSpan().SequenceCompareTo(y));
        return sorted.Length == 0 ? Nothing : Branch(sorted, 0);
    }

    /// <summary>The rest of sorted texts with a common beginning.</summary>
    private Term Branch(ReadOnlySpan<byte[]> texts, int depth)
    {
        List<Term> branches = [];
        int at = 0;
        for (; at < texts.Length && texts[at].Length == depth; at++)
            branches = [Empty];
        int common = depth;
        if (branches.Count == 0)
        {
            while (common < texts[0].Length && common < texts[^1].Length && texts[0][common] == texts[^1][common])
                common++;
        }

        if (common > depth)
            return Sequence(Literal(texts[0].AsSpan(depth, common - depth)), Branch(texts, common));
        while (at < texts.Length)
        {
            int end = at;
            byte first = texts[at][depth];
            while (end < texts.Length && texts[end][depth] == first)
                end++;
            branches.Add(Sequence(Bytes(ByteSet.Range(first, first)), Branch(texts[at..end], depth + 1)));
            at = end;
        }

        return Choice(branches);
    }

    /// <summary>A call of a rule.</summary>
    public Term Call(Rule rule) => Make(new(TermKind.Call, Rule: rule), [], isNullable: false, isPlain: true, hasCalls: true);

    /// <summary>Digits, and a point with digits, that go on from a residue to a multiple.</summary>
    public Term Multiple(Residue residue) => Make(new(TermKind.Multiple, Residue: residue), [], isNullable: residue.IsWhole, isPlain: false);

    /// <summary>One behind the other.</summary>
    public Term Sequence(Term first, Term then)
    {
        if (first == Nothing || then == Nothing)
            return Nothing;
        if (first == Empty)
            return then;
        if (then == Empty)
            return first;
        if (first.Kind == TermKind.Sequence)
        {
            var parts = new Stack<Term>();
            for (; first.Kind == TermKind.Sequence; first = first.Parts[1])
                parts.Push(first.Parts[0]);
            then = Sequence(first, then);
            while (parts.TryPop(out Term? part))
                then = Sequence(part, then);
            return then;
        }

        if (first == Everything && then == Everything)
            return first;
        return Make(new(TermKind.Sequence, first.Id, then.Id), [first, then], first.IsNullable && then.IsNullable, first.IsPlain && then.IsPlain);
    }

    /// <summary>One behind the other.</summary>
    public Term Sequence(params ReadOnlySpan<Term> terms)
    {
        Term all = Empty;
        for (int i = terms.Length - 1; i >= 0; i--)
            all = Sequence(terms[i], all);
        return all;
    }

    /// <summary>One term several times.</summary>
    public Term Repeat(Term term, int least = 0, int most = Term.Unbounded)
    {
        if (most == 0 || term == Empty)
            return Empty;
        if (term == Nothing)
            return least == 0 ? Empty : Nothing;
        if (least == 1 && most == 1)
            return term;
        if (term == AnyByte && least == 0 && most == Term.Unbounded)
            return Everything;
        if (term.IsNullable)
            least = 0;
        if (term.Kind == TermKind.Repeat && term.Least == 0 && term.Most == Term.Unbounded)
            return term;
        return Make(new(TermKind.Repeat, term.Id, least, most), [term], least == 0 || term.IsNullable, least == 0 || term.IsPlain, least: least, most: most);
    }

    /// <summary>One or none.</summary>
    public Term Optional(Term term) => Choice(Empty, term);

    /// <summary>Every text but those of a term.</summary>
    /// <exception cref="ArgumentException">It calls a rule.</exception>
    public Term Not(Term term)
    {
        RequireRegular(term);
        return term.Kind == TermKind.Not ? term.Parts[0]
            : term == Nothing ? Everything
            : Make(new(TermKind.Not, term.Id), [term], !term.IsNullable, isPlain: false);
    }

    /// <summary>Any of several.</summary>
    public Term Choice(params IEnumerable<Term> terms)
    {
        var parts = new List<Term>();
        ByteSet bytes = default;
        Flatten(terms, TermKind.Choice);
        if (!bytes.IsEmpty)
            parts.Add(Bytes(bytes));
        if (parts.Contains(Everything))
            return Everything;
        return Combine(TermKind.Choice, parts, Nothing);

        void Flatten(IEnumerable<Term> some, TermKind kind)
        {
            foreach (Term term in some)
            {
                if (term.Kind == kind)
                    Flatten(term.Parts, kind);
                else if (term.Kind == TermKind.Bytes)
                    bytes |= term.Set;
                else if (term != Nothing)
                    parts.Add(term);
            }
        }
    }

    /// <summary>All of several at once.</summary>
    /// <exception cref="ArgumentException">One of them calls a rule.</exception>
    public Term Both(params IEnumerable<Term> terms)
    {
        var parts = new List<Term>();
        ByteSet? bytes = null;
        Flatten(terms);
        if (bytes is { } set)
            parts.Add(Bytes(set));
        if (parts.Contains(Nothing))
            return Nothing;
        if (parts.Contains(Empty))
            return parts.TrueForAll(part => part.IsNullable) ? Empty : Nothing;
        if (parts.Count > 1)
            parts.ForEach(RequireRegular);
        return parts.Exists(part => part.Kind == TermKind.Not && parts.Contains(part.Parts[0])) ? Nothing : Combine(TermKind.Both, parts, Everything);

        void Flatten(IEnumerable<Term> some)
        {
            foreach (Term term in some)
            {
                if (term.Kind == TermKind.Both)
                    Flatten(term.Parts);
                else if (term.Kind == TermKind.Bytes)
                    bytes = bytes is { } known ? known & term.Set : term.Set;
                else if (term != Everything)
                    parts.Add(term);
            }
        }
    }

    private Term Combine(TermKind kind, List<Term> parts, Term none)
    {
        parts.Sort(static (x, y) => x.Id.CompareTo(y.Id));
        int kept = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            if (i == 0 || parts[i] != parts[i - 1])
                parts[kept++] = parts[i];
        }

        parts.RemoveRange(kept, parts.Count - kept);
        if (parts.Count < 2)
            return parts.Count == 0 ? none : parts[0];
        Term[] all = [.. parts];
        bool isChoice = kind == TermKind.Choice;
        bool isNullable = isChoice ? Array.Exists(all, part => part.IsNullable) : Array.TrueForAll(all, part => part.IsNullable);
        return Make(new(kind, Many: all), all, isNullable, isChoice && Array.TrueForAll(all, part => part.IsPlain));
    }

    private static void RequireRegular(Term term)
    {
        if (term.HasCalls)
            throw new ArgumentException("A rule that leads back to itself cannot be complemented or intersected.", nameof(term));
    }

    private Term Make(TermKey key, Term[] parts, bool isNullable, bool isPlain, bool hasCalls = false, int least = 0, int most = 0, bool? life = null)
    {
        ref Term? made = ref CollectionsMarshal.GetValueRefOrAddDefault(_made, key, out bool known);
        if (known)
            return made!;

        const int Largest = 1 << 24;
        int size = 1;
        foreach (Term part in parts)
            (size, hasCalls) = (Math.Min(Largest, size + part.Size), hasCalls || part.HasCalls);
        return made = new(key.Kind, _made.Count)
        {
            Parts = parts,
            Set = key.Set,
            Least = least,
            Most = most,
            Rule = key.Rule,
            Residue = key.Residue,
            IsNullable = isNullable,
            IsPlain = isPlain,
            HasCalls = hasCalls,
            Size = size,
            Life = life,
        };
    }
}
