using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.States;

namespace Thimble.Scheduling;

/// <summary>Runs texts through a model for their vectors or scores, as many at once as fit a run.</summary>
/// <remarks>A text's outcome has the same bits whatever else is in its runs.</remarks>
internal sealed class Embedder(Model model, Decoder decoder, StatePool states, int chunk)
{
    private const int PageTokens = KeyValueStore.PageTokens;

    private readonly Pooling _pooling = decoder.Pooling!;

    /// <summary>Numbers it gives of a text.</summary>
    public int Outputs => _pooling.Outputs(decoder.Embedding.Width);

    /// <summary>Whether these are scores of how well two texts go together.</summary>
    public bool Ranks => _pooling.Ranks;

    /// <summary>Computes texts' vectors, or scores.</summary>
    /// <param name="texts">Each text's tokens, at least one.</param>
    /// <param name="cancellationToken">Ends it between two runs.</param>
    /// <returns>Of each text, shape [<see cref="Outputs"/>].</returns>
    /// <exception cref="CapacityException">A text is longer than the context, or the cache is full.</exception>
    public float[][] Vectors(IReadOnlyList<int[]> texts, CancellationToken cancellationToken)
    {
        foreach (int[] text in texts)
        {
            if (text.Length > model.ContextLength)
            {
                throw new CapacityException(
                    $"The text has {text.Length} tokens; the context holds {model.ContextLength}. Shorten the text.", text.Length, model.ContextLength);
            }
        }

        float[][] vectors = new float[texts.Count][];
        List<Passage> passages = [];
        int next = 0;
        try
        {
            while (next < texts.Count || passages.Count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                model.Engine.Use(pass => Step(pass, texts, ref next, passages, vectors));
            }
        }
        finally
        {
            lock (model.Engine.Gate)
                passages.ForEach(passage => passage.Sequence.Dispose());
        }

        return vectors;
    }

    /// <summary>One run: goes on with a long text, and begins as many others as there is room for.</summary>
    private void Step(Pass pass, IReadOnlyList<int[]> texts, ref int next, List<Passage> passages, float[][] vectors)
    {
        int room = chunk;
        foreach (Passage passage in passages)
            Add(pass, passage, ref room);
        while (next < texts.Count && (pass.Rows == 0 || (Fits(texts[next], room) && HasPages(texts[next]))))
        {
            var passage = new Passage(next, new Sequence(states), new float[decoder.Embedding.Width]);
            passage.Sequence.Append(texts[next++]);
            passages.Add(passage);
            Add(pass, passage, ref room);
        }

        Matrix rows = decoder.Forward(pass);
        Take(pass, rows, passages);
        Finish(pass, passages, vectors);
    }

    private bool Fits(int[] text, int room) => decoder.LooksAhead ? text.Length <= room : room > 0;

    private bool HasPages(int[] text) => !states.KeepsKeys || (text.Length + PageTokens - 1) / PageTokens <= states.Pages.Free;

    private void Add(Pass pass, Passage passage, ref int room)
    {
        ReadOnlySpan<int> pending = passage.Sequence.Pending;
        int count = decoder.LooksAhead ? pending.Length : Math.Min(room, pending.Length), later = pending.Length - count;
        pass.Add(passage.Sequence.State, pending[..count], Math.Clamp(_pooling.Wanted(passage.Sequence.Length) - later, 0, count));
        room -= count;
    }

    private void Take(Pass pass, Matrix rows, List<Passage> passages)
    {
        int row = 0, at = 0;
        foreach (Segment segment in pass.Segments)
        {
            Passage passage = passages[at++];
            for (; row < rows.Rows && pass.Wanted[row] < segment.First + segment.Count; row++)
                _pooling.Take(rows[row], passage.Taken++, passage.Sum);
        }
    }

    private void Finish(Pass pass, List<Passage> passages, float[][] vectors)
    {
        List<Passage> done = [.. passages.Where(passage => passage.Sequence.Pending.IsEmpty)];
        if (done.Count == 0)
            return;

        Matrix sums = pass.Scratch.Rent(done.Count, decoder.Embedding.Width);
        for (int i = 0; i < done.Count; i++)
            done[i].Sum.CopyTo(sums[i]);
        Matrix outcome = _pooling.Finish(pass, sums, [.. done.Select(passage => passage.Taken)]);
        for (int i = 0; i < done.Count; i++)
        {
            vectors[done[i].Text] = outcome[i].ToArray();
            done[i].Sequence.Dispose();
        }

        passages.RemoveAll(done.Contains);
    }

    /// <summary>A text on its way through the model.</summary>
    /// <param name="text">Its number.</param>
    /// <param name="sequence">Its tokens and what the model keeps of them.</param>
    /// <param name="sum">Of its token vectors so far, shape [features].</param>
    private sealed class Passage(int text, Sequence sequence, float[] sum)
    {
        public int Text { get; } = text;

        public Sequence Sequence { get; } = sequence;

        public float[] Sum { get; } = sum;

        /// <summary>Token vectors in the sum.</summary>
        public int Taken { get; set; }
    }
}
