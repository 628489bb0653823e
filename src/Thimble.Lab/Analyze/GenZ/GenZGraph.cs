using Thimble.Models.Blocks;
using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>The operations of one node, as GenZ lists them.</summary>
/// <param name="shape">The model.</param>
/// <param name="platform">How nodes divide it.</param>
/// <param name="batch">Sequences side by side, beams included.</param>
internal sealed class GenZGraph(TransformerShape shape, Platform platform, int batch)
{
    private readonly List<Operation> _all = [];
    private readonly double _bytes = platform.NumberBytes;
    private readonly int _split = platform.Tensor * platform.Experts;
    private double _times = 1, _batch = batch;

    /// <summary>Beams of a sequence, which share the prompt's keys and values.</summary>
    public int Beams { get; init; } = 1;

    private int Heads => Math.Max(Ceiling(shape.Heads, _split), 1);

    private int KeyHeads => Math.Max(Ceiling(shape.KeyValueHeads, _split), 1);

    /// <summary>Reading a prompt.</summary>
    public IReadOnlyList<Operation> Prefill(int tokens)
    {
        int own = tokens / platform.Sequence;
        Embed(tokens);
        Stages(Math.Max(own, 1), () =>
        {
            if (shape.StateSpace is { } space)
            {
                new GenZStateSpace(shape, platform, Gemm, Einsum, Exchange).Add(space, tokens);
            }
            else
            {
                Gemm("QKV", (Heads + (2 * KeyHeads)) * shape.HeadSize, own, shape.Width, Kept.None);
                if (platform.Sequence > 1)
                    Exchange("Seq A2A", own, shape.Width, platform.Sequence, Collectives.AllToAll);
                Meet("Logit", Heads, KeyHeads, tokens, own, values: false, Kept.Written);
                Meet("Attend", Heads, KeyHeads, tokens, own, values: true, Kept.Read);
                Gemm("Out Proj", shape.Width, own, Heads * shape.HeadSize, Kept.None);
                Exchange("MHA AR", own, shape.Width, _split, Collectives.AllReduce);
            }

            FeedForward(own);
        });
        Classify(platform.Compatible ? tokens : 1);
        return _all;
    }

    /// <summary>Generating a token.</summary>
    public IReadOnlyList<Operation> Decode(int prompt, int generated)
    {
        Stages(1, () =>
        {
            if (shape.StateSpace is { } space)
                new GenZStateSpace(shape, platform, Gemm, Einsum, Exchange).Add(space, 1);
            else
                AttendOnce(prompt, generated);
            FeedForwardOnce();
        });
        Classify(1);
        return _all;
    }

    /// <summary>Reading parts of prompts and generating, in one step.</summary>
    public IReadOnlyList<Operation> Chunked(IReadOnlyList<(int Past, int Tokens)> prompts, IReadOnlyList<int> sequences)
    {
        int read = prompts.Sum(prompt => prompt.Tokens), chunk = read + sequences.Count;
        if (read > 0)
            Embed(read);
        Stages(Math.Max(1, chunk / platform.Sequence), () =>
        {
            Gemm("QKV", (Heads + (2 * KeyHeads)) * shape.HeadSize, chunk, shape.Width, Kept.Read | Kept.Written);
            foreach ((int past, int tokens) in prompts)
            {
                Meet("Logit Pre", Heads, KeyHeads, tokens, past + tokens, values: false, Kept.Written);
                Meet("Attend Pre", Heads, KeyHeads, tokens, past + tokens, values: true, Kept.Read);
            }

            foreach (int past in sequences)
            {
                Meet("Logit Dec", Heads, KeyHeads, 1, past, values: false, Kept.Read | Kept.Written);
                Meet("Attend Dec", Heads, KeyHeads, 1, past, values: true, Kept.Read | Kept.Written);
            }

            Gemm("Out Proj", shape.Width, chunk, Heads * shape.HeadSize, Kept.Read | Kept.Written);
            Exchange("MHA AR", chunk, shape.Width, _split, Collectives.AllReduce);
            FeedForward(chunk);
        });
        Classify(chunk);
        return _all;
    }

    private void AttendOnce(int prompt, int generated)
    {
        const Kept near = Kept.Read | Kept.Written;
        Gemm("QKV", (Heads + (2 * KeyHeads)) * shape.HeadSize, 1, shape.Width, near);
        if (platform.Sequence > 1)
            Exchange("Seq A2A", 1, shape.Width, platform.Sequence, Collectives.AllToAll);
        double own = _batch;
        _batch = own / Beams;
        Meet("Logit Pre", Heads, KeyHeads, 1, prompt / platform.Sequence, values: false, near);
        _batch = own;
        Meet("Logit Suf", Heads, KeyHeads, 1, generated, values: false, near);
        _batch = own / Beams;
        Meet("Attend Pre", Heads, KeyHeads, 1, prompt / platform.Sequence, values: true, near);
        _batch = own;
        Meet("Attend Suf", Heads, KeyHeads, 1, generated, values: true, near);
        Gemm("Out Proj", shape.Width, 1, Heads * shape.HeadSize, near);
        Exchange("MHA AR", 1, shape.Width, _split, Collectives.AllReduce);
    }

    private void FeedForward(int tokens)
    {
        int wide = Math.Max(Ceiling(shape.FeedForward, platform.Tensor), 1);
        if (shape.Experts == 1)
        {
            Gemm("up+gate", wide * shape.Widenings, tokens, shape.Width, Kept.None);
            Gemm("down", shape.Width, tokens, wide, Kept.None);
        }
        else
        {
            Gemm("Gate", shape.Experts, tokens, shape.Width / platform.Tensor, Kept.None);
            Exchange("Gate AR", tokens, shape.Experts, platform.Tensor, Collectives.AllReduce);
            Exchange("Dispatch A2A", tokens, shape.ExpertsUsed * shape.Width, platform.Experts, Collectives.AllToAll);
            int held = shape.Experts / platform.Experts, each = (int)((long)tokens * shape.ExpertsUsed / shape.Experts);
            Gemm("up+gate", held * wide * shape.Widenings, each, shape.Width, Kept.None);
            Gemm("down", shape.Width, each, held * wide, Kept.None);
            Exchange("Collect A2A", tokens, shape.ExpertsUsed * shape.Width, platform.Experts, Collectives.AllToAll);
        }

        Exchange("FFN AR", tokens, shape.Width, platform.Tensor, Collectives.AllReduce);
    }

    private void FeedForwardOnce()
    {
        int wide = Math.Max(Ceiling(shape.FeedForward, platform.Tensor), 1);
        const Kept near = Kept.Read | Kept.Written;
        if (shape.Experts > 1)
        {
            Gemm("Gate", shape.Experts, 1, shape.Width / platform.Tensor, Kept.None);
            Exchange("Gate AR", 1, platform.Compatible ? shape.Width : shape.Experts, platform.Tensor, Collectives.AllReduce);
            Exchange("Dispatch A2A", 1, shape.ExpertsUsed * shape.Width, platform.Experts, Collectives.AllToAll);
            int met = Math.Max(1, Ceiling(shape.ExpertsUsed, platform.Experts)), rest = shape.Experts - shape.ExpertsUsed;
            Gemm("up+gate", met * wide * shape.Widenings, 1, shape.Width, near);
            Gemm("down", shape.Width, 1, met * wide, near);
            Gemm("up+gate", rest * wide * shape.Widenings, 0, shape.Width, Kept.None);   // not met, but held
            Gemm("down", shape.Width, 0, rest * wide, Kept.None);
            Exchange("Collect A2A", 1, shape.ExpertsUsed * shape.Width, platform.Experts, Collectives.AllToAll);
        }
        else
        {
            Gemm("up+gate", wide * shape.Widenings, 1, shape.Width, near);
            Gemm("down", shape.Width, 1, wide, near);
        }

        Exchange("FFN AR", 1, shape.Width, platform.Tensor, Collectives.AllReduce);
    }

    /// <summary>Layers, one stage after the other, and what passes between stages.</summary>
    private void Stages(int passed, Action layer)
    {
        int each = Ceiling(shape.Layers, platform.Pipeline), last = shape.Layers - (each * (platform.Pipeline - 1));
        if (platform.Pipeline > 1)
        {
            _times = (platform.Pipeline - 1) * each;
            layer();
            _times = platform.Pipeline - 1;
            Add(new("Message Pass", Operation.Message) { Collective = new(Collectives.Pass, 2, _batch * passed * shape.Width * _bytes) });
        }

        _times = last;
        layer();
        _times = 1;
    }

    private void Embed(int tokens)
    {
        int own = Math.Max(1, tokens / platform.Sequence);
        if (platform.Compatible)
            Gemm("embeddings", shape.Width, own, shape.Vocabulary / _split, Kept.None);
        else
            Add(new("embeddings", Operation.Lookup) { Operations = _batch * own, ReadBytes = _batch * own * shape.Width * _bytes, WrittenBytes = _batch * own * shape.Width * _bytes });
        Exchange("Emb_AR", own, shape.Width, _split, Collectives.AllReduce);
    }

    private void Classify(int tokens)
    {
        int own = Math.Max(1, tokens / platform.Sequence);
        Gemm("classifier", shape.Vocabulary / _split, own, shape.Width, Kept.None);
        Exchange("classifier_AG", own, shape.Vocabulary, _split, Collectives.AllGather);
    }

    /// <summary>A product with a matrix of <paramref name="rows"/> × <paramref name="columns"/>.</summary>
    private void Gemm(string name, double rows, double tokens, double columns, Kept kept) => Add(new(name, "w")
    {
        IsProduct = true,
        Rows = _batch * tokens,
        Operations = 2 * _batch * rows * tokens * columns,
        ReadBytes = _batch * columns * tokens * _bytes,
        WeightBytes = rows * columns * _bytes,
        WrittenBytes = _batch * rows * tokens * _bytes,
        Kept = kept,
    });

    /// <summary>Queries meeting keys, or scores meeting values.</summary>
    private void Meet(string name, double heads, double keyHeads, double queries, double keys, bool values, Kept kept)
    {
        double vectors = _batch * heads * queries * shape.HeadSize * _bytes, scores = _batch * heads * queries * keys * _bytes;
        Add(new(name, Operation.Attention)
        {
            Rows = _batch * queries,
            Operations = 2 * _batch * heads * queries * keys * shape.HeadSize,
            ReadBytes = values ? scores : vectors,
            CacheReadBytes = _batch * keyHeads * keys * shape.HeadSize * _bytes,
            WrittenBytes = values ? vectors : scores,
            Kept = kept,
        });
    }

    /// <summary>Another product, of tensors of so many numbers.</summary>
    private void Einsum(string name, double operations, (double First, double Second, double Outcome) numbers, (bool First, bool Second, bool Outcome) near, bool state)
    {
        _ = near.Second;   // the second tensor lies off the chip in the tool's sums unless all do
        Add(new(name, Operation.Recurrence)
        {
            Operations = 2 * _batch * operations,
            ReadBytes = _batch * numbers.First * _bytes,
            CacheReadBytes = state ? numbers.Second * _bytes : 0,
            WeightBytes = state ? 0 : numbers.Second * _bytes,
            WrittenBytes = _batch * numbers.Outcome * _bytes,
            Kept = (near.First ? Kept.Read : Kept.None) | (near.Outcome ? Kept.Written : Kept.None),
        });
    }

    private void Exchange(string name, double tokens, double width, int nodes, string pattern)
    {
        if (nodes > 1)
            Add(new(name, Operation.Message) { Collective = new(pattern, nodes, _batch * tokens * width * _bytes) });
    }

    private void Add(Operation operation) => _all.Add(operation with { Times = _times });

    private static int Ceiling(int value, int by) => (value + by - 1) / by;
}
