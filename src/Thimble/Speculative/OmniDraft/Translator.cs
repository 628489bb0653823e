using Thimble.Models.Tokens;

namespace Thimble.Speculative;

/// <summary>What tokens of one vocabulary are in another: equal bytes, or equal roles; and any bytes as tokens of the other.</summary>
internal sealed class Translator
{
    private const int None = -1;

    private readonly int[] _toDraft, _toTarget, _first;
    private readonly Trie _pieces = new();
    private readonly Tokenizer _target, _draft;

    /// <summary>Compares two vocabularies.</summary>
    /// <param name="target">The large model's.</param>
    /// <param name="draft">The drafter's.</param>
    /// <exception cref="NotSupportedException">They have no text in common.</exception>
    public Translator(Tokenizer target, Tokenizer draft)
    {
        (_target, _draft) = (target, draft);
        _toDraft = new int[target.VocabularySize];
        _toTarget = new int[draft.VocabularySize];
        var targets = new Trie();
        Index(draft, _pieces);
        Index(target, targets);
        for (int id = 0; id < target.VocabularySize; id++)
            _toDraft[id] = Whole(target, id, _pieces);
        for (int id = 0; id < draft.VocabularySize; id++)
            _toTarget[id] = Whole(draft, id, targets);
        Direct = _toDraft.Count(id => id != None);
        if (Direct == 0)
        {
            throw new NotSupportedException(
                $"The drafter's vocabulary of {draft.VocabularySize} tokens has no piece of text in common with the model's {target.VocabularySize}; choose a drafter that was made for the same script.");
        }

        Pair(target.EndOfText, draft.EndOfText);   // first: where one token begins and ends texts, it is its end that is guessed
        Pair(target.EndOfTurn, draft.EndOfTurn);
        Pair(target.BeginOfText, draft.BeginOfText);
        _first = [.. Enumerable.Range(0, _toDraft.Length).Select(id => _toDraft[id] >= 0 ? _toDraft[id] : FirstPiece(id))];
    }

    /// <summary>Tokens that are one in both.</summary>
    public int Direct { get; private set; }

    /// <summary>The drafter's token that is a target's; −1 for none.</summary>
    public int ToDraft(int target) => target < _toDraft.Length ? _toDraft[target] : None;

    /// <summary>The drafter's token that a target's token is or begins with; −1 for one that it cannot begin.</summary>
    public int First(int target) => target < _first.Length ? _first[target] : None;

    /// <summary>A target's token as the one token of the drafter that it is; empty for none.</summary>
    public ReadOnlySpan<int> Path(int target) => ToDraft(target) >= 0 ? _toDraft.AsSpan(target, 1) : [];

    /// <summary>The target's token that is a drafter's; −1 for none.</summary>
    public int ToTarget(int draft) => draft < _toTarget.Length ? _toTarget[draft] : None;

    /// <summary>Writes a target's token as the drafter's tokens, longest pieces first.</summary>
    /// <returns>Whether it could be written.</returns>
    public bool Spell(int target, List<int> draft)
    {
        if (ToDraft(target) is not None and int direct)
        {
            draft.Add(direct);
            return true;
        }

        if (target >= _toDraft.Length || !IsText(_target, target))
            return false;

        int before = draft.Count;
        for (ReadOnlySpan<byte> left = _target.Piece(target); left.Length > 0;)
        {
            int length = _pieces.Longest(left, out int id);
            if (length == 0)
            {
                draft.RemoveRange(before, draft.Count - before);
                return false;
            }

            draft.Add(id);
            left = left[length..];
        }

        return true;
    }

    /// <summary>Writes a whole text as the drafter would read it.</summary>
    public void Read(ReadOnlySpan<int> target, List<int> draft) => _draft.Encode(_target.Decode(target), draft);

    /// <summary>Puts the pieces of a vocabulary into a trie; where a letter and a byte are one piece, the letter stands for it.</summary>
    private static void Index(Tokenizer tokenizer, Trie pieces)
    {
        foreach (bool bytes in (bool[])[true, false])
        {
            for (int id = tokenizer.VocabularySize - 1; id >= 0; id--)
            {
                if (IsText(tokenizer, id) && tokenizer.Kind(id) == TokenKind.Byte == bytes)
                    pieces.Add(tokenizer.Piece(id), id);
            }
        }
    }

    private static int Whole(Tokenizer tokenizer, int id, Trie pieces) =>
        IsText(tokenizer, id) && pieces.Longest(tokenizer.Piece(id), out int other) == tokenizer.Piece(id).Length ? other : None;

    private static bool IsText(Tokenizer tokenizer, int id) =>
        tokenizer.Kind(id) is TokenKind.Normal or TokenKind.UserDefined or TokenKind.Byte && tokenizer.Piece(id).Length > 0;

    private int FirstPiece(int target) => IsText(_target, target) && _pieces.Longest(_target.Piece(target), out int id) > 0 ? id : None;

    private void Pair(int? target, int? draft)
    {
        if (target is not { } from || draft is not { } to || _toDraft[from] >= 0)
            return;
        _toDraft[from] = to;
        if (_toTarget[to] < 0)
            _toTarget[to] = from;
        Direct++;
    }
}
