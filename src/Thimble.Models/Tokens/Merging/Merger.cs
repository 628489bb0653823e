namespace Thimble.Models.Tokens;

/// <summary>Which neighbours merge, into what, and how soon.</summary>
internal interface IMergeRule
{
    /// <summary>Looks up a pair of neighbours.</summary>
    /// <param name="text">The word both are parts of.</param>
    /// <param name="left">The left neighbour.</param>
    /// <param name="right">The right neighbour.</param>
    /// <param name="priority">Receives when it merges: lower goes first.</param>
    /// <param name="id">Receives what it becomes.</param>
    /// <returns>Whether the pair merges at all.</returns>
    bool Find(ReadOnlySpan<byte> text, in Symbol left, in Symbol right, out uint priority, out int id);
}

/// <summary>A stretch of a word while it is being merged.</summary>
internal struct Symbol
{
    public int Start, Length, Id, Previous, Next;
}

/// <summary>Merges the neighbours of a word, best first and leftmost among equals, until none merge: O(n log n).</summary>
/// <remarks>A linked list holds what is left and a heap the pairs that could merge. An entry of the heap is only a hint:
/// it is looked up again when it comes out, and dropped if the pair has changed meanwhile.
/// Source: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016, section 3.2.</remarks>
internal sealed class Merger<TRule>(TRule rule)
    where TRule : struct, IMergeRule
{
    private const int Kept = 4096;   // symbols whose room is kept between words
    private readonly TRule _rule = rule;
    private Symbol[] _symbols = new Symbol[64];
    private ulong[] _heap = new ulong[64];   // priority << 32 | left symbol
    private int _count, _waiting;

    /// <summary>The rule it merges by.</summary>
    public TRule Rule => _rule;

    public ref readonly Symbol this[int symbol] => ref _symbols[symbol];

    /// <summary>Starts a new word.</summary>
    public void Clear()
    {
        _count = 0;
        if (_symbols.Length > Kept)
            (_symbols, _heap) = (new Symbol[64], new ulong[64]);
    }

    /// <summary>Appends a symbol to the word.</summary>
    public void Add(int start, int length, int id)
    {
        if (_count == _symbols.Length)
            Array.Resize(ref _symbols, 2 * _count);
        _symbols[_count] = new() { Start = start, Length = length, Id = id, Previous = _count - 1, Next = _count + 1 };
        _count++;
    }

    /// <summary>Merges. What is left starts at symbol 0 and goes on by <see cref="Symbol.Next"/> until −1.</summary>
    public void Merge(ReadOnlySpan<byte> text)
    {
        _waiting = 0;
        _symbols[_count - 1].Next = -1;
        for (int i = 0; i + 1 < _count; i++)
            Offer(text, i);

        while (_waiting > 0)
        {
            ulong best = Pop();
            int at = (int)(uint)best;
            ref Symbol left = ref _symbols[at];
            if (left.Length == 0 || left.Next < 0)
                continue;

            ref Symbol right = ref _symbols[left.Next];
            if (!_rule.Find(text, left, right, out uint priority, out int id) || priority != best >> 32)
                continue;

            left.Id = id;
            left.Length += right.Length;
            left.Next = right.Next;
            right.Length = 0;
            if (left.Next >= 0)
                _symbols[left.Next].Previous = at;
            if (left.Previous >= 0)
                Offer(text, left.Previous);
            Offer(text, at);
        }
    }

    private void Offer(ReadOnlySpan<byte> text, int at)
    {
        ref Symbol left = ref _symbols[at];
        if (left.Next >= 0 && _rule.Find(text, left, _symbols[left.Next], out uint priority, out _))
            Push(((ulong)priority << 32) | (uint)at);
    }

    private void Push(ulong entry)
    {
        if (_waiting == _heap.Length)
            Array.Resize(ref _heap, 2 * _waiting);
        int i = _waiting++;
        while (i > 0 && _heap[(i - 1) >> 1] > entry)
        {
            _heap[i] = _heap[(i - 1) >> 1];
            i = (i - 1) >> 1;
        }

        _heap[i] = entry;
    }

    private ulong Pop()
    {
        ulong best = _heap[0], last = _heap[--_waiting];
        int i = 0;
        for (int child = 1; child < _waiting; child = (2 * i) + 1)
        {
            if (child + 1 < _waiting && _heap[child + 1] < _heap[child])
                child++;
            if (_heap[child] >= last)
                break;
            _heap[i] = _heap[child];
            i = child;
        }

        _heap[i] = last;
        return best;
    }
}
