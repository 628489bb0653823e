using System.Buffers;
using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>A place in a text whose characters are counted.</summary>
/// <param name="place">The place in the text's automaton.</param>
/// <param name="text">The place in <see cref="JsonParts.FreeText"/>, which tells characters apart; the same where any text may be.</param>
/// <param name="count">Characters begun so far.</param>
/// <param name="range">The bounds of the count.</param>
/// <param name="parent">What goes on behind it.</param>
internal sealed class CountedText(State place, State text, int count, TextRange range, Frame parent) : Frame(parent)
{
    private readonly State _place = place, _text = text;
    private readonly int _count = count;
    private readonly TextRange _range = range;

    /// <summary>The place behind the opening quote.</summary>
    public CountedText(TextRange range, Frame parent)
        : this(range.Start, JsonParts.FreeText, 0, range, parent)
    {
    }

    /// <inheritdoc />
    public override bool CanEnd => false;

    private bool IsBetween => ReferenceEquals(_text, JsonParts.FreeText);

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        State place = _place[value], text = _range.Lengths is null ? place : _text[value];
        if (ReferenceEquals(place, State.Dead))
            return;
        int count = _count + (IsBetween ? 1 : 0);
        if (place.IsFinal)
        {
            if (_count >= _range.Least)
                next.Add(Parent!.Resume());
        }
        else if (_range.CanEnd(place, text, count))
        {
            next.Add(new CountedText(place, text, count, _range, Parent!));
        }
    }

    /// <summary>Whether the count allows a token that the automaton takes.</summary>
    public bool Takes(ReadOnlySpan<byte> token)
    {
        (State place, State text, int count) = (_place, _text, _count);
        foreach (byte value in token)
        {
            count += ReferenceEquals(text, JsonParts.FreeText) ? 1 : 0;
            (place, text) = (place[value], text[value]);
        }

        return _range.CanEnd(place, text, count);
    }

    /// <inheritdoc />
    public override void Allow(TokenWalk walk, TokenMask mask)
    {
        (int least, int most) = (Math.Max(0, _range.Least - _count), _range.Most - _count);
        var frame = new TermFrame(_place, Parent!);
        if (IsBetween && _range.Lengths is null)
            walk.Trie.Counts.Allow(walk, mask, least, most, frame);
        else if (!IsBetween || !walk.Trie.Counts.TryAllow(walk, mask, (least, most), frame, this, _range.Lengths!.MostNeeded))
            AllowBelow(walk, walk.Trie, 0, walk.Trie.Count, mask);
    }

    /// <summary>Allows tokens from one node of a tree up to another.</summary>
    public void AllowBelow(TokenWalk walk, TokenTrie tree, int from, int to, TokenMask mask)
    {
        if (from == to)
            return;
        int top = tree.Depth(from);
        (State Place, State Text, int Count)[] stack = ArrayPool<(State, State, int)>.Shared.Rent(tree.Deepest + 1 - top);
        stack[0] = (_place, _text, _count);
        for (int node = from; node < to;)
        {
            int depth = tree.Depth(node) - top;
            (State place, State text, int count) = stack[depth];
            State after = place[tree.Byte(node)], behind = _range.Lengths is null ? after : text[tree.Byte(node)];
            if (after.IsFinal && count >= _range.Least)
                walk.Enter(tree, node, Parent!.Resume(), mask);
            count += ReferenceEquals(text, JsonParts.FreeText) ? 1 : 0;
            if (after.IsFinal || ReferenceEquals(after, State.Dead) || !_range.CanEnd(after, behind, count))
            {
                node = tree.Next(node);
                continue;
            }

            mask.Allow(tree.Tokens(node));
            stack[depth + 1] = (after, behind, count);
            node++;
        }

        ArrayPool<(State, State, int)>.Shared.Return(stack, clearArray: true);
    }

    private protected override bool IsAlike(Frame other) =>
        other is CountedText counted && ReferenceEquals(counted._place, _place) && ReferenceEquals(counted._text, _text)
        && counted._count == _count && ReferenceEquals(counted._range, _range);
}
