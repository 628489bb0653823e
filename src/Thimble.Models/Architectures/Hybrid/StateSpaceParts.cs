using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>State spaces as files hold them: the tensors that a layer has decide whether it has one, and of which kind.</summary>
/// <param name="From">The file.</param>
internal sealed record StateSpaceParts(Blueprint From)
{
    /// <summary>The state space of a layer; null if it has none.</summary>
    public Mixer? At(int layer)
    {
        string at = $"blk.{layer}.";
        return !From.Has(at + "ssm_in.weight") ? null : From.Has(at + "ssm_x.weight") ? Selective(at) : Duality(at);
    }

    /// <summary>A short convolution.</summary>
    /// <param name="from">The file.</param>
    /// <param name="name">What its tensors' names begin with.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="taps">Tokens that it sees.</param>
    /// <param name="function">Applied to its outcome; null for none.</param>
    public static ShortConvolution Convolution(Blueprint from, string name, int channels, int taps, Nonlinearity? function)
    {
        float[] weight = from.Reordered(name + ".weight", channels * taps, i => (i % channels * taps) + (i / channels));   // in the file each channel's taps lie together
        return new(weight, from.FindVector(name + ".bias", channels), channels, function);
    }

    private SelectiveStateSpace Selective(string at)
    {
        int channels = From.Count("ssm.inner_size"), states = From.Count("ssm.state_size"), rank = From.Count("ssm.time_step_rank");
        return new(
            From.Linear(at + "ssm_in", 2 * channels, From.Width, scaled: true),
            Convolution(From, at + "ssm_conv1d", channels, From.Count("ssm.conv_kernel"), Nonlinearity.Silu),
            From.Linear(at + "ssm_x", rank + (2 * states), channels), From.Linear(at + "ssm_dt", channels, rank),
            SelectiveScan.Tiled(From.Vector(at + "ssm_a", channels * states), channels), From.Vector(at + "ssm_d", channels),
            From.Linear(at + "ssm_out", From.Width, channels, scaled: true))
        {
            Norms = Norms(at),
        };
    }

    private (Norm, Norm, Norm)? Norms(string at)
    {
        if (From.FindNorm(at + "ssm_dt_norm") is { } step)
            return (step, From.Norm(at + "ssm_b_norm"), From.Norm(at + "ssm_c_norm"));
        var plain = new Norm(null, From.Epsilon);
        return From.File.FindFlag("ssm.dt_b_c_rms") == true ? (plain, plain, plain) : null;
    }

    private StateSpaceDuality Duality(string at)
    {
        int inner = From.Count("ssm.inner_size"), states = From.Count("ssm.state_size"), heads = From.Count("ssm.time_step_rank");
        int groups = From.Count("ssm.group_count");
        if (inner % heads != 0)
            throw From.Wrong("ssm.time_step_rank", heads, $"a divisor of {inner}, the inner size");
        if (heads % groups != 0)
            throw From.Wrong("ssm.group_count", groups, $"a divisor of {heads}, the heads");

        int mixed = inner + (2 * groups * states);
        return new(
            From.Linear(at + "ssm_in", inner + mixed + heads, From.Width, scaled: true),
            Convolution(From, at + "ssm_conv1d", mixed, From.Count("ssm.conv_kernel"), Nonlinearity.Silu),
            new(heads, groups, states, inner / heads) { Skip = From.Vector(at + "ssm_d", heads) },
            From.Vector(at + "ssm_dt.bias", heads), From.Vector(at + "ssm_a", heads),
            From.FindVector(at + "ssm_norm.weight", inner) is { } gain ? new(gain, From.Epsilon) { EachPart = true } : null,
            From.Linear(at + "ssm_out", From.Width, inner, scaled: true));
    }
}
