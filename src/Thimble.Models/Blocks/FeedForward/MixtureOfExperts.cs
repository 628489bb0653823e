using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary><c>y = Σ shareᵢ · expertᵢ(x) + shared(x)</c>, over the few experts that a router chooses for each token.</summary>
/// <remarks>Rows are gathered by expert, so each expert in use is multiplied once a run; a row's outcomes are added in the
/// experts' order, whoever else is in the run. Source: Jiang et al., "Mixtral of Experts", 2024, section 2.1.</remarks>
/// <param name="Router">Chooses experts.</param>
/// <param name="Experts">Blocks of one shape.</param>
internal sealed record MixtureOfExperts(Router Router, Block[] Experts) : Block
{
    /// <summary>An expert that every token meets; null for none.</summary>
    public Block? Shared { get; init; }

    /// <summary>To one number whose logistic function is the shared expert's share; null where that is 1.</summary>
    public Linear? SharedGate { get; init; }

    /// <summary>Whether shares multiply the experts' inputs, not their outcomes.</summary>
    public bool SharesInput { get; init; }

    /// <summary>The experts as one, for runs that choose few; null to run them one by one.</summary>
    public ExpertsTogether? Together { get; init; } = ExpertsTogether.Of(Experts);

    /// <inheritdoc />
    public override int Outputs => Experts[0].Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights =>
        [.. Router.Scores.Weights, .. Experts.SelectMany(expert => expert.Weights), .. Shared?.Weights ?? [], .. SharedGate?.Weights ?? []];

    /// <summary>Bytes of weights that one token meets: of the experts, as many as are chosen.</summary>
    public override long BytesPerToken
    {
        get
        {
            long experts = Experts.Sum(expert => expert.BytesPerToken);
            return Weights.Sum(weight => weight.Bytes) - experts + (experts * Router.Used / Experts.Length);
        }
    }

    /// <inheritdoc />
    /// <remarks>Experts are taken to be chosen alike often: of E, <c>E · (1 − (1 − k/E)^rows)</c> are met by some token.</remarks>
    public override void Describe(Demands demands)
    {
        demands.Product(Router.Scores);
        double share = (double)Router.Used / Experts.Length, met = Experts.Length * (1 - Math.Pow(1 - share, demands.Rows));
        demands.Among(demands.Rows * Router.Used / met, met, Experts[0].Describe);
        Shared?.Describe(demands);
        SharedGate?.Describe(demands);
        demands.Map("experts_add", Outputs, 2 * Router.Used, read: Router.Used + 1);
    }

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Span<int> chosen = pass.Scratch.Rent<int>(x.Rows * Router.Used), picks = pass.Scratch.Rent<int>(x.Rows);
        Span<float> shares = pass.Scratch.Rent<float>(chosen.Length);
        Router.Choose(pass, x, chosen, shares);
        y.Values.Clear();
        if (Together is not null && chosen.Length <= ExpertsTogether.Most && !pass.Adapters.Any && pass.Observer is null && pass.Trace is null)
        {
            AddTogether(pass, Together, x, chosen, shares, y);
        }
        else
        {
            for (int expert = 0; expert < Experts.Length; expert++)
            {
                int count = Picks(chosen, expert, picks);
                if (count > 0)
                    Add(pass, Experts[expert], x, picks[..count], shares, y);
            }
        }

        if (Shared is not null)
            AddShared(pass, Shared, x, y);
    }

    /// <summary>Where among all choices an expert was chosen.</summary>
    /// <returns>How often.</returns>
    private static int Picks(ReadOnlySpan<int> chosen, int expert, Span<int> picks)
    {
        int count = 0;
        for (int i = 0; i < chosen.Length; i++)
        {
            if (chosen[i] == expert && count < picks.Length)
                picks[count++] = i;
        }

        return count;
    }

    /// <summary>Adds the parts of all experts that were chosen, in the experts' order.</summary>
    private void AddTogether(Pass pass, ExpertsTogether together, Matrix x, ReadOnlySpan<int> chosen, ReadOnlySpan<float> shares, Matrix y)
    {
        Span<int> order = pass.Scratch.Rent<int>(chosen.Length), experts = pass.Scratch.Rent<int>(chosen.Length), ends = pass.Scratch.Rent<int>(chosen.Length);
        int count = 0, used = 0;
        for (int expert = 0; expert < Experts.Length && count < order.Length; expert++)
        {
            int picks = Picks(chosen, expert, order[count..]);
            if (picks == 0)
                continue;
            count += picks;
            (experts[used], ends[used]) = (expert, count);
            used++;
        }

        Matrix input = pass.Scratch.Rent(count, x.Columns), outcome = pass.Scratch.Rent(count, Outputs);
        for (int i = 0; i < count; i++)
            Lanes.Best(new Scaled(x[order[i] / Router.Used], SharesInput ? shares[order[i]] : 1, input[i]));
        together.Apply(pass, input, experts[..used], ends[..used], outcome);
        for (int i = 0; i < count; i++)
            Lanes.Best(new AddScaled(outcome[i], SharesInput ? 1 : shares[order[i]], y[order[i] / Router.Used]));
    }

    /// <summary>Adds one expert's part.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="expert">The expert.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="picks">Where among all choices it was chosen.</param>
    /// <param name="shares">Of all choices, shape [rows · used].</param>
    /// <param name="y">Added to, shape [rows, outputs].</param>
    private void Add(Pass pass, Block expert, Matrix x, ReadOnlySpan<int> picks, ReadOnlySpan<float> shares, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix input = pass.Scratch.Rent(picks.Length, x.Columns), outcome = pass.Scratch.Rent(picks.Length, Outputs);
        for (int i = 0; i < picks.Length; i++)
            Lanes.Best(new Scaled(x[picks[i] / Router.Used], SharesInput ? shares[picks[i]] : 1, input[i]));
        if (pass.Adapters.Any)
            pass.Adapters.Pick(picks, Router.Used);
        expert.Apply(pass, input, outcome);
        pass.Adapters.PickAll();
        for (int i = 0; i < picks.Length; i++)
            Lanes.Best(new AddScaled(outcome[i], SharesInput ? 1 : shares[picks[i]], y[picks[i] / Router.Used]));
    }

    private void AddShared(Pass pass, Block shared, Matrix x, Matrix y)
    {
        Matrix outcome = pass.Scratch.Rent(x.Rows, Outputs);
        shared.Apply(pass, x, outcome);
        if (SharedGate is null)
        {
            Lanes.Best(new AddScaled(outcome.Values, 1, y.Values));
            return;
        }

        Matrix gates = SharedGate.Of(pass, x);   // [rows, 1]
        Nonlinearity.Sigmoid.Apply(gates.Values);
        for (int row = 0; row < x.Rows; row++)
            Lanes.Best(new AddScaled(outcome[row], gates[row][0], y[row]));
    }
}
