using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>A recurrent layer: the gates of a token come from the layer below and from this layer's own last outcome.</summary>
/// <param name="Input">From below, all gates side by side.</param>
/// <param name="Hidden">From the last outcome, all gates side by side.</param>
internal abstract record RecurrentCell(Linear Input, Linear Hidden) : Mixer
{
    /// <inheritdoc />
    public override int Outputs => Hidden.Inputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Input.Weights, .. Hidden.Weights];

    /// <inheritdoc />
    public override void Describe(Demands demands)
    {
        demands.Product(Input);
        double steps = demands.Rows;
        demands.Among(1, steps, one => one.Product(Hidden));   // each token waits for the one before it
        demands.Recurrence($"recurrence.{Number}", State.Floats);
    }

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix fromBelow = pass.Scratch.Rent(x.Rows, Input.Outputs), fromLast = pass.Scratch.Rent(1, Hidden.Outputs);
        Input.Apply(pass, x, fromBelow);
        foreach (Segment segment in pass.Segments)
        {
            Span<float> state = segment.State.Recurrent(Number);
            for (int row = segment.First; row < segment.First + segment.Count; row++)
            {
                if (pass.Adapters.Any)
                    pass.Adapters.Pick([row]);
                Hidden.Apply(pass, new Matrix(state[..Outputs], Outputs), fromLast);
                pass.Adapters.PickAll();
                Step(fromBelow[row], fromLast[0], state);
                state[..Outputs].CopyTo(y[row]);
            }
        }
    }

    /// <summary>One token.</summary>
    /// <param name="fromBelow">Gates from below; scratch afterwards.</param>
    /// <param name="fromLast">Gates from the last outcome; scratch afterwards.</param>
    /// <param name="state">The last outcome, shape [<see cref="Block.Outputs"/>], and what else the cell keeps.</param>
    protected abstract void Step(Span<float> fromBelow, Span<float> fromLast, Span<float> state);
}

/// <summary>Long short-term memory: <c>c = σ(f)·c + σ(i)·tanh(g); h = σ(o)·tanh(c)</c>, gates in the order i, f, g, o.</summary>
/// <remarks>Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; with the forget gate of Gers et al., 2000.</remarks>
internal sealed record LstmCell(Linear Input, Linear Hidden) : RecurrentCell(Input, Hidden)
{
    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(2 * Outputs);

    /// <inheritdoc />
    protected override void Step(Span<float> fromBelow, Span<float> fromLast, Span<float> state)
    {
        int size = Outputs;
        Span<float> h = state[..size], c = state[size..], gates = fromBelow;
        Lanes.Best(new AddScaled(fromLast, 1, gates));
        Span<float> input = gates[..size], forget = gates.Slice(size, size), cell = gates.Slice(2 * size, size), output = gates[(3 * size)..];
        Lanes.Best(new Gate<Sigmoid>(forget, c, c));
        Lanes.Best(new Map<Tanh>(cell, cell));
        Lanes.Best(new Gate<Sigmoid>(input, cell, cell));
        Lanes.Best(new AddScaled(cell, 1, c));
        Lanes.Best(new Map<Tanh>(c, h));
        Lanes.Best(new Gate<Sigmoid>(output, h, h));
    }
}

/// <summary>Gated recurrent unit: <c>n = tanh(xₙ + σ(r)·hₙ); h = (1 − σ(z))·n + σ(z)·h</c>, gates in the order r, z, n.</summary>
/// <remarks>Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014; PyTorch's form, with the reset
/// gate on the product.</remarks>
internal sealed record GruCell(Linear Input, Linear Hidden) : RecurrentCell(Input, Hidden)
{
    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(Outputs);

    /// <inheritdoc />
    protected override void Step(Span<float> fromBelow, Span<float> fromLast, Span<float> state)
    {
        int size = Outputs;
        Span<float> gates = fromBelow[..(2 * size)], reset = gates[..size], update = gates[size..];
        Span<float> next = fromBelow[(2 * size)..], last = fromLast[(2 * size)..];
        Lanes.Best(new AddScaled(fromLast[..(2 * size)], 1, gates));
        Lanes.Best(new Gate<Sigmoid>(reset, last, last));
        Lanes.Best(new AddScaled(last, 1, next));
        Lanes.Best(new Map<Tanh>(next, next));
        Lanes.Best(new Map<Sigmoid>(update, update));
        Lanes.Best(new Blend(next, state, update, state));
    }
}
