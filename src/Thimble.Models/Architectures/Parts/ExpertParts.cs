using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Experts as files hold them: each tensor has all of a layer's, one above the other. What is not said here the file's
/// keys say.</summary>
/// <param name="From">The file.</param>
internal sealed record ExpertParts(Blueprint From)
{
    /// <summary>How scores become shares; null for the file's, or else softmax.</summary>
    public Gating? Gating { get; init; }

    /// <summary>Whether the chosen shares are divided by their sum; null for what the file says.</summary>
    public bool? Normalise { get; init; }

    /// <summary>Whether shares multiply the experts' inputs.</summary>
    public bool SharesInput { get; init; }

    /// <summary>Whether matrices, the shared expert's too, have factors beside them.</summary>
    public bool Scaled { get; init; }

    /// <summary>The experts of a layer.</summary>
    /// <param name="at">What its tensors' names begin with.</param>
    /// <param name="function">Their function.</param>
    public Block At(string at, Nonlinearity function)
    {
        int count = From.Count("expert_count");
        Linear[] up = From.FindLinears(at + "ffn_gate_up_exps", count, 0, From.Width, Scaled)
            ?? From.FindLinears(at + "ffn_up_exps", count, 0, From.Width, Scaled) ?? throw From.Absent(at + "ffn_up_exps.weight");
        Linear[] down = From.FindLinears(at + "ffn_down_exps", count, From.Width, 0, Scaled) ?? throw From.Absent(at + "ffn_down_exps.weight");
        if (From.FindLinears(at + "ffn_gate_exps", count, up[0].Outputs, From.Width, Scaled) is { } gate)
            up = [.. up.Select((linear, i) => Linear.Stack(gate[i], linear))];
        bool gated = up[0].Outputs == 2 * down[0].Inputs;
        if (!gated && up[0].Outputs != down[0].Inputs)
        {
            throw new InvalidDataException(
                $"Tensor '{at}ffn_down_exps.weight' of '{From.File.Path}' takes {down[0].Inputs} features; the experts' other tensors give {up[0].Outputs}.");
        }

        Block[] experts =
            [.. up.Select((linear, i) => gated ? (Block)new GatedFeedForward(linear, down[i], function) : new FeedForward(linear, down[i], function))];
        return new MixtureOfExperts(Router(at, count), experts)
        {
            Shared = From.Has(at + "ffn_up_shexp.weight") ? FeedForwardParts.Dense(From, at, function, "_shexp", Scaled) : null,
            SharedGate = From.FindLinear(at + "ffn_gate_inp_shexp", 1, From.Width),
            SharesInput = SharesInput,
        };
    }

    private Router Router(string at, int count)
    {
        int used = From.Count("expert_used_count"), gating = From.File.FindInt("expert_gating_func") ?? 0;
        if (used > count)
            throw From.Wrong("expert_used_count", used, $"at most {count}, the experts there are");
        if (gating is < 0 or > 3)
            throw From.Wrong("expert_gating_func", gating, "1 (softmax), 2 (sigmoid) or 3 (softmax of the chosen)");
        int groups = From.File.FindInt("expert_group_count") is > 1 and var given ? given : 1;
        int groupsUsed = groups == 1 ? 1 : From.Count("expert_group_used_count");
        if (count % groups != 0 || groupsUsed > groups)
            throw From.Wrong("expert_group_count", groups, $"a divisor of {count}, the experts there are, and at least the groups used");

        return new(From.Linear(at + "ffn_gate_inp", count, From.Width), used, Gating ?? (gating == 0 ? Blocks.Gating.Softmax : (Gating)gating))
        {
            Normalise = Normalise ?? From.File.FindFlag("expert_weights_norm") ?? false,
            Scale = From.Setting("expert_weights_scale") ?? 1,
            Preference = From.FindVector(at + "exp_probs_b.bias", count),
            Groups = (groups, groupsUsed),
        };
    }
}
