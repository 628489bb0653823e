using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>Linear attention by the delta rule: heads keep a matrix from keys to values and correct what it gives for each new key;
/// where it fades too, it is gated.</summary>
/// <remarks>Source: Yang et al., "Parallelizing Linear Transformers with the Delta Rule", 2024, section 2.2; and "Gated Delta
/// Networks", 2025, section 3.</remarks>
/// <param name="Input">To queries, keys, values, then gates (if any), then each head's β and α (if it fades), side by side.</param>
/// <param name="Convolution">Over queries, keys and values of the latest tokens.</param>
/// <param name="Memory">The heads.</param>
/// <param name="Norm">Normalises each head's outcome; null for none.</param>
/// <param name="Output">Back to features.</param>
internal sealed record DeltaNet(Linear Input, ShortConvolution Convolution, MatrixMemory Memory, Norm? Norm, Linear Output) : Mixer
{
    /// <summary>How fast matrices fade: a head keeps <c>e^(A · softplus(α + bias))</c>, each of shape [heads]; null for not at all.</summary>
    public (float[] Bias, float[] A)? Fading { get; init; }

    /// <summary>Whether outcomes are multiplied with SiLU of a gate after their norm.</summary>
    public bool Gated { get; init; }

    /// <summary>Heads whose β, and then whose α, lie side by side.</summary>
    public int Together { get; init; } = Memory.Heads;

    /// <summary>The least length by which queries and keys are divided.</summary>
    public float Least { get; init; } = 1e-6f;

    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Input.Weights, .. Output.Weights];

    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(Convolution.Floats + Memory.Floats);

    private int RateColumn => Convolution.Channels + (Gated ? Memory.Values : 0);

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        int keys = Memory.Keys;
        Matrix all = Input.Of(pass, x), mixed = Convolution.Apply(pass, all, 0, Number);
        Matrix rates = pass.Scratch.Rent(x.Rows, 2 * Memory.Heads), outcome = pass.Scratch.Rent(x.Rows, Memory.Values);
        for (int row = 0; row < x.Rows; row++)
        {
            Rate(all[row][RateColumn..], rates[row]);
            for (int at = 0; at < 2 * keys; at += Memory.KeySize)
            {
                Span<float> head = mixed[row].Slice(at, Memory.KeySize);
                Lanes.Best(new UnitLength(head, at < keys ? 1 / MathF.Sqrt(Memory.KeySize) : 1, Least, head));
            }
        }

        Memory.Apply(pass, mixed, (0, keys, 2 * keys), rates, (Number, Convolution.Floats), outcome);
        for (int row = 0; row < x.Rows; row++)
        {
            Norm?.ApplyToParts(outcome[row], Memory.ValueSize);
            if (Gated)
                Lanes.Best(new Gate<Silu>(all[row].Slice(Convolution.Channels, Memory.Values), outcome[row], outcome[row]));
        }

        Output.Apply(pass, outcome, y);
    }

    /// <summary>What each head keeps, and how much it writes.</summary>
    private void Rate(ReadOnlySpan<float> given, Span<float> rates)
    {
        Span<float> kept = rates[..Memory.Heads], written = rates[Memory.Heads..];
        int each = Fading is null ? 1 : 2;
        for (int at = 0; at < Memory.Heads; at += Together)
        {
            given.Slice(at * each, Together).CopyTo(written[at..]);
            if (Fading is not null)
                given.Slice((at * each) + Together, Together).CopyTo(kept[at..]);
        }

        Lanes.Best(new Map<Sigmoid>(written, written));
        if (Fading is not { } fading)
        {
            kept.Fill(1);
            return;
        }

        Lanes.Best(new AddScaled(fading.Bias, 1, kept));
        Lanes.Best(new Map<Softplus>(kept, kept));
        Lanes.Best(new Product(kept, fading.A, kept));
        Lanes.Best(new Map<Exp>(kept, kept));
    }
}
