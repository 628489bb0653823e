using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>Attention of a text being written over one that was read: keys and values come from the other's encoded tokens, once.</summary>
/// <remarks>Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.2.3.</remarks>
/// <param name="Query">From the features of what is written.</param>
/// <param name="KeyValue">From the features of what was read: keys, then values.</param>
/// <param name="Output">From all heads' values back to features.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Keys">Key-value heads and their sizes.</param>
/// <param name="Rule">How scores are made.</param>
internal sealed record CrossAttention(Linear Query, Linear KeyValue, Linear Output, int Heads, HeadShape Keys, AttentionRule Rule) : Block
{
    /// <summary>Its number among the model's cross attentions; set by the <see cref="Reader"/>.</summary>
    public int Number { get; set; } = -1;

    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Query.Weights, .. KeyValue.Weights, .. Output.Weights];

    /// <summary>What it keeps of a text that was read.</summary>
    public StateShape State => StateShape.Attention(Keys.Heads, Keys.KeySize, Keys.ValueSize);

    /// <summary>Keeps keys and values of the encoded tokens of texts.</summary>
    /// <param name="pass">The run that encoded them.</param>
    /// <param name="encoded">Shape [rows, features].</param>
    public void Keep(Pass pass, Matrix encoded)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix both = KeyValue.Of(pass, encoded);
        int keys = Keys.Heads * Keys.KeySize;
        foreach (Segment segment in pass.Segments)
        {
            for (int i = 0; i < segment.Count; i++)
                segment.State.Source!.Write(Number, i, both[segment.First + i][..keys], both[segment.First + i][keys..]);
        }
    }

    /// <inheritdoc />
    public override void Describe(Demands demands)
    {
        demands.Product(Query);
        demands.Attention("cross_attention", Heads, Keys, Rule, owns: false, demands.Run.Source);
        demands.Product(Output);
    }

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix queries = Query.Of(pass, x), mixed = pass.Scratch.Rent(x.Rows, Heads * Keys.ValueSize);
        var segments = new Segment[pass.Segments.Length];
        for (int i = 0; i < segments.Length; i++)
        {
            Segment segment = pass.Segments[i];
            segments[i] = segment with { State = segment.State.Source ?? throw Unread(), Reads = true };
        }

        AttentionWork.Run(Number, Number, Heads, Keys, Rule, pass, segments, queries, mixed);
        Output.Apply(pass, mixed, y);
    }

    private static NotSupportedException Unread() =>
        new("An encoder-decoder model writes about a text that its encoder has read: there is none here. Generate from a prompt instead.");
}
