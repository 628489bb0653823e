using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Models.Tokens;

namespace Thimble.Speculative;

/// <summary>A small model that guesses for a large one: its weights, and the memory of all texts it reads along.</summary>
/// <remarks>Not for several threads.</remarks>
internal sealed class DraftModel : IDisposable
{
    private readonly ModelFile? _file;
    private readonly StatePool _states;
    private readonly Pass _pass;
    private float[] _weights = [];

    /// <summary>Opens a model.</summary>
    /// <param name="file">The model; it is disposed with this.</param>
    /// <param name="team">Who computes.</param>
    /// <param name="context">The longest text.</param>
    /// <param name="precision">What activations are rounded to.</param>
    /// <exception cref="NotSupportedException">The model scores no tokens.</exception>
    public DraftModel(ModelFile file, Team team, int context, Precision precision = Precision.Bytes)
        : this(Architectures.Build(new Blueprint(file, new Opening(precision, team)) { Context = context }), Tokenizer.From(file.Metadata), team, context)
    {
        _file = file;
    }

    /// <summary>Guesses with a part of a model that is open, or with one built elsewhere.</summary>
    /// <param name="decoder">The model; its weights stay whose they are.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    /// <param name="team">Who computes.</param>
    /// <param name="context">The longest text.</param>
    /// <exception cref="NotSupportedException">The model scores no tokens.</exception>
    public DraftModel(Decoder decoder, Tokenizer tokenizer, Team team, int context)
    {
        if (decoder.Head is null || decoder.LooksAhead || decoder.Reader is not null)
            throw new NotSupportedException($"'{decoder.Source}' cannot guess what comes next: it does not continue texts token by token.");
        (Decoder, Tokenizer, Context) = (decoder, tokenizer, context);
        _states = new StatePool(decoder.States, long.MaxValue / 2, CellFormat.Named("F16"));
        _pass = new Pass(team);
    }

    /// <summary>The model.</summary>
    public Decoder Decoder { get; }

    /// <summary>Its vocabulary.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The longest text.</summary>
    public int Context { get; }

    /// <summary>Tokens it scores.</summary>
    public int Vocabulary => Decoder.Head!.Vocabulary;

    /// <summary>Whether its state can branch.</summary>
    public bool Branches => !_states.IsRecurrent;

    /// <summary>Scratch memory, for plans of it.</summary>
    public Arena Scratch => _pass.Scratch;

    /// <summary>Bytes that one token of a text takes.</summary>
    public long CacheBytesPerToken => _states.BytesPerToken;

    /// <summary>Weights that every guess reads.</summary>
    public long WeightBytes => Decoder.BytesPerToken;

    /// <summary>Bytes that reading a text takes beside its cache, as a run of its longest stretch rents them.</summary>
    public long ScratchBytes()
    {
        using SequenceState text = Start();
        Read(text, new int[Math.Min(DraftText.Chunk, Context)], null, wanted: 1, out _);
        return Scratch.HighWater;
    }

    /// <summary>An empty text.</summary>
    public SequenceState Start() => new(_states);

    /// <summary>Reads tokens.</summary>
    /// <param name="state">The text; it grows by the tokens.</param>
    /// <param name="tokens">At least one.</param>
    /// <param name="tree">How they branch, those added before first; null for one after the other.</param>
    /// <param name="wanted">How many of the last tokens' scores are wanted.</param>
    /// <param name="vectors">What the scores were made of, shape [wanted, features].</param>
    /// <returns>The scores, shape [wanted, vocabulary], valid until the next run, as the vectors are.</returns>
    public Matrix Read(SequenceState state, scoped ReadOnlySpan<int> tokens, TokenTree? tree, int wanted, out Matrix vectors)
    {
        _pass.Clear();
        _pass.Scratch.Reset();
        if (tree is null)
            _pass.Add(state, tokens, wanted);
        else
            _pass.Add(state, tokens, tree, wanted);
        vectors = Decoder.Forward(_pass);
        return wanted == 0 ? vectors : Decoder.Head!.Apply(_pass, vectors);
    }

    /// <summary>The likeliest tokens, likeliest first, of equal ones the lowest id first.</summary>
    /// <param name="logits">Shape [vocabulary].</param>
    /// <param name="top">Receives as many as it has room for.</param>
    /// <returns>How many were written.</returns>
    public int Likeliest(ReadOnlySpan<float> logits, Span<(int Id, double Probability)> top) => Likeliest(logits, ref _weights, top);

    /// <summary>As above, with scratch memory of the caller.</summary>
    public static int Likeliest(ReadOnlySpan<float> logits, ref float[] scratch, Span<(int Id, double Probability)> top)
    {
        int count = 0;
        float least = float.NegativeInfinity, greatest = float.NegativeInfinity;
        for (int i = 0; i < logits.Length; i++)
        {
            float logit = logits[i];
            if (logit <= least && count == top.Length)
                continue;
            int at = count < top.Length ? count++ : count - 1;
            for (; at > 0 && top[at - 1].Probability < logit; at--)
                top[at] = top[at - 1];
            top[at] = (i, logit);
            (least, greatest) = ((float)top[count - 1].Probability, (float)top[0].Probability);
        }

        if (scratch.Length < logits.Length)
            scratch = new float[logits.Length];
        Span<float> weights = scratch.AsSpan(0, logits.Length);
        for (int i = 0; i < logits.Length; i++)
            weights[i] = logits[i] - greatest;
        Lanes.Best(new Map<Exp>(weights, weights));
        double sum = 0;
        foreach (float weight in weights)
            sum += weight;
        for (int i = 0; i < count; i++)
            top[i].Probability = Math.Exp(top[i].Probability - greatest) / sum;
        return count;
    }

    /// <summary>Frees its memory; the weights too, if it opened them.</summary>
    public void Dispose()
    {
        _states.Dispose();
        _pass.Dispose();
        if (_file is null)
            return;
        foreach (Weight weight in Decoder.Weights.Append(Decoder.Embedding.Table))
            weight.Dispose();
        _file.Dispose();
    }
}
