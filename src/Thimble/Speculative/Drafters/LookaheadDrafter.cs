using System.Runtime.InteropServices;

namespace Thimble.Speculative;

/// <summary>Guesses with the model itself: beside a step's guesses, its run improves guesses of tokens further on, and what became
/// steady is guessed when the text comes there.</summary>
/// <remarks>
/// <para>A window of W columns and N − 1 rows moves ahead of the text. Its first row are guesses of the next W tokens; in each step the model's
/// choice after the last row of every column becomes a new row, and the first row falls out. A column is then an N-gram that the
/// model wrote itself. The window is a tree: its first row is a chain, and each column hangs below its first token.</para>
/// <para>Source: Fu et al., "Break the Sequential Dependency of LLM Inference Using Lookahead Decoding", 2024, section 3.</para>
/// </remarks>
/// <param name="columns">W, how many N-grams a step improves.</param>
/// <param name="length">N, their length.</param>
/// <param name="guesses">The most N-grams guessed in a step.</param>
internal sealed class LookaheadDrafter(int columns = 5, int length = 4, int guesses = 4) : Drafter
{
    private const int MostGrams = 1 << 16, MostAfterOne = 8;

    private readonly int[,] _window = new int[length - 1, columns];   // [row, column]; 0 rows at first
    private readonly int[,] _places = new int[length - 1, columns];   // of the window's tokens in the draft
    private readonly Dictionary<int, List<int[]>> _grams = [];        // by first token, latest last
    private int _rows, _count;

    /// <inheritdoc />
    public override string Name => "lookahead";

    /// <inheritdoc />
    public override bool IsStochastic => true;   // its window must not be cut: what it computes is for later

    /// <inheritdoc />
    public override void Propose(in DraftPoint point, Draft draft)
    {
        if (_rows == 0)
            Begin(point.Text);
        Guess(point.Text[^1], draft);
        for (int row = 0; row < length - 1; row++)
        {
            for (int column = 0; column < columns; column++)
                _places[row, column] = row < _rows && draft.Branches ? Place(row, column, draft) : -1;
        }
    }

    /// <inheritdoc />
    public override void Learn(in Verdict verdict)
    {
        if (_rows == 0 || verdict.Draft.Count == 0 || !verdict.Draft.Branches)
            return;   // where nothing was guessed, the window was not computed either

        Span<int> fresh = stackalloc int[columns];
        for (int column = 0; column < columns; column++)
        {
            int place = _places[_rows - 1, column];
            fresh[column] = place < 0 ? _window[_rows - 1, column] : Likeliest(verdict.Logits[1 + place]);
            if (place >= 0 && _rows == length - 1)
                Remember(column, fresh[column]);
        }

        Turn(fresh);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
    }

    /// <summary>The first row: tokens of the text, for want of better.</summary>
    private void Begin(ReadOnlySpan<int> text)
    {
        for (int column = 0; column < columns; column++)
            _window[0, column] = text[column * 7 % text.Length];
        _rows = 1;
    }

    /// <summary>Adds N-grams that begin with the text's last token.</summary>
    private void Guess(int last, Draft draft)
    {
        if (!_grams.TryGetValue(last, out List<int[]>? grams))
            return;

        for (int i = grams.Count - 1, left = draft.Branches ? guesses : 1; i >= 0 && left > 0; i--, left--)
        {
            int at = -1;
            foreach (int token in grams[i])
                at = draft.Add(at, token, 0.5);
        }
    }

    /// <summary>Adds a token of the window: the first row is a chain, and each column hangs below its first token.</summary>
    private int Place(int row, int column, Draft draft)
    {
        int parent = row > 0 ? _places[row - 1, column] : column > 0 ? _places[0, column - 1] : -1;
        return parent < 0 && (row > 0 || column > 0) ? -1 : draft.Add(parent, _window[row, column], 0.05);
    }

    /// <summary>Keeps a column as an N-gram: what follows its first token.</summary>
    private void Remember(int column, int fresh)
    {
        int first = _window[0, column];
        int[] gram = new int[length - 1];
        for (int row = 1; row < length - 1; row++)
            gram[row - 1] = _window[row, column];
        gram[^1] = fresh;
        ref List<int[]>? grams = ref CollectionsMarshal.GetValueRefOrAddDefault(_grams, first, out _);
        grams ??= [];
        _count -= grams.RemoveAll(known => known.AsSpan().SequenceEqual(gram));
        if (grams.Count == MostAfterOne)
        {
            grams.RemoveAt(0);
            _count--;
        }

        if (_count >= MostGrams)
            return;
        grams.Add(gram);
        _count++;
    }

    /// <summary>Adds a row, or lets the first fall out.</summary>
    private void Turn(ReadOnlySpan<int> fresh)
    {
        if (_rows == length - 1)
        {
            for (int row = 1; row < _rows; row++)
            {
                for (int column = 0; column < columns; column++)
                    _window[row - 1, column] = _window[row, column];
            }
        }
        else
        {
            _rows++;
        }

        for (int column = 0; column < columns; column++)
            _window[_rows - 1, column] = fresh[column];
    }

    private static int Likeliest(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            best = logits[i] > logits[best] ? i : best;
        return best;
    }
}
