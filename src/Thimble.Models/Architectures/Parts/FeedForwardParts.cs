using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Feed-forward blocks as files hold them: the tensors that a layer has decide whether it has experts, a gate, and whether
/// that is fused with up.</summary>
/// <param name="From">The file.</param>
internal sealed record FeedForwardParts(Blueprint From)
{
    /// <summary>The function of a layer; unless it is given, what the file says, or else SiLU.</summary>
    public Func<int, Nonlinearity> Function { get; init; } = _ => From.Activation(Nonlinearity.Silu);

    /// <summary>Whether matrices have factors beside them, which then count for their biases too.</summary>
    public bool Scaled { get; init; }

    /// <summary>What is to be said of experts.</summary>
    public ExpertParts Experts { get; init; } = new(From);

    /// <summary>The block of a layer.</summary>
    public Block At(int layer) => From.Has($"blk.{layer}.ffn_gate_inp.weight")
        ? Experts.At($"blk.{layer}.", Function(layer))
        : Dense(From, $"blk.{layer}.", Function(layer), scaled: Scaled);

    /// <summary>A block without experts.</summary>
    /// <param name="from">The file.</param>
    /// <param name="at">What its tensors' names begin with.</param>
    /// <param name="function">Its function.</param>
    /// <param name="suffix">What its tensors' names end with.</param>
    /// <param name="scaled">Whether matrices have factors beside them.</param>
    /// <exception cref="InvalidDataException">What goes up is not what comes down.</exception>
    public static Block Dense(Blueprint from, string at, Nonlinearity function, string suffix = "", bool scaled = false)
    {
        Linear down = from.Linear($"{at}ffn_down{suffix}", from.Width, 0, scaled), up = from.Linear($"{at}ffn_up{suffix}", 0, from.Width, scaled);
        down = ScaledBias(down);
        up = ScaledBias(up);
        if (from.FindLinear($"{at}ffn_gate{suffix}", up.Outputs, from.Width, scaled) is { } gate)
            up = Linear.Stack(ScaledBias(gate), up);
        if (up.Outputs == 2 * down.Inputs)
            return new GatedFeedForward(up, down, function) { Inner = from.FindNorm($"{at}ffn_sub_norm{suffix}") };
        if (up.Outputs != down.Inputs)
        {
            throw new InvalidDataException(
                $"Tensor '{at}ffn_down{suffix}.weight' of '{from.File.Path}' takes {down.Inputs} features; '{at}ffn_up{suffix}.weight' and its gate give {up.Outputs}.");
        }

        float[]? divisors = from.FindVector($"{at}ffn.act.scales", up.Outputs);
        return new FeedForward(up, down, function) { Factors = divisors is null ? null : [.. divisors.Select(divisor => 1 / divisor)] };
    }

    // Factors that stand for part of a number format belong to the matrix alone, and adapters are made for the whole of that.
    private static Linear ScaledBias(Linear linear) => linear is { Scales: [var scale], Parts: [var weight] }
        ? linear with { Bias = linear.Bias is null ? null : [.. linear.Bias.Select(value => value * scale)], ScalesChanges = weight.Format.Name != "NVFP4" }
        : linear;
}
