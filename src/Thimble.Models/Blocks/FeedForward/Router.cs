using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary>How scores of experts become shares; the numbers are GGUF's.</summary>
internal enum Gating
{
    /// <summary>Softmax over all experts.</summary>
    Softmax = 1,

    /// <summary>Each expert's logistic function.</summary>
    Sigmoid = 2,

    /// <summary>Softmax over the chosen experts alone.</summary>
    SoftmaxOfChosen = 3,
}

/// <summary>Chooses experts for every token, and the share of each.</summary>
/// <remarks>Source: Shazeer et al., "Outrageously Large Neural Networks", 2017, section 2; groups and preference as in
/// DeepSeek-AI, "DeepSeek-V3", 2024, section 2.1.2.</remarks>
/// <param name="Scores">Features to a score for each expert.</param>
/// <param name="Used">Experts chosen for a token.</param>
/// <param name="Gating">How scores become shares.</param>
internal sealed record Router(Linear Scores, int Used, Gating Gating)
{
    private const float LeastSum = 6.103515625e-5f;   // the smallest normal half, below which a sum is no divisor

    /// <summary>Whether the chosen shares are divided by their sum.</summary>
    public bool Normalise { get; init; }

    /// <summary>Factor on the shares.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Added to the shares when experts are chosen, and only then, shape [experts]; null for 0.</summary>
    public float[]? Preference { get; init; }

    /// <summary>Groups of neighbouring experts, and how many a token may choose from: those with the best two; (1, 1) for all.</summary>
    public (int Count, int Used) Groups { get; init; } = (1, 1);

    /// <summary>Experts there are.</summary>
    public int Experts => Scores.Outputs;

    /// <summary>Chooses.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="chosen">Receives experts, shape [rows · used].</param>
    /// <param name="shares">Receives their shares, shape [rows · used].</param>
    public void Choose(Pass pass, Matrix x, Span<int> chosen, Span<float> shares)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix scores = Scores.Of(pass, x);
        Span<float> ranks = pass.Scratch.Rent<float>(Experts);
        for (int row = 0; row < x.Rows; row++)
            Choose(scores[row], ranks, chosen.Slice(row * Used, Used), shares.Slice(row * Used, Used));
    }

    /// <summary>Chooses for one token.</summary>
    /// <param name="gates">Its scores; receives what shares are made of, shape [experts].</param>
    /// <param name="ranks">Scratch, shape [experts].</param>
    /// <param name="chosen">Receives experts, shape [used].</param>
    /// <param name="shares">Receives their shares, shape [used].</param>
    public void Choose(Span<float> gates, Span<float> ranks, Span<int> chosen, Span<float> shares)
    {
        if (Gating == Gating.Softmax)
            Softmax(gates);
        else if (Gating == Gating.Sigmoid)
            Sigmoid(gates);

        for (int i = 0; i < gates.Length; i++)
            ranks[i] = gates[i] + (Preference?[i] ?? 0);
        if (Groups.Used < Groups.Count)
            KeepBestGroups(ranks);
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = Greatest(ranks);
            ranks[chosen[i]] = float.NegativeInfinity;
            shares[i] = gates[chosen[i]];
        }

        if (Gating == Gating.SoftmaxOfChosen)
            Softmax(shares);
        float factor = Factor(Sum(shares));
        for (int i = 0; i < shares.Length; i++)
            shares[i] *= factor;
    }

    /// <summary>What chosen gates are multiplied by to be shares.</summary>
    /// <param name="sum">The chosen gates' sum.</param>
    public float Factor(float sum) => Scale / (Normalise ? Math.Max(sum, LeastSum) : 1);

    /// <summary>Bars the experts of all but the groups whose best two have the greatest sum.</summary>
    private void KeepBestGroups(Span<float> ranks)
    {
        int size = ranks.Length / Groups.Count;
        Span<float> sums = stackalloc float[Groups.Count];
        for (int group = 0; group < sums.Length; group++)
        {
            Span<float> members = ranks.Slice(group * size, size);
            int first = Greatest(members);
            float best = members[first], second = float.NegativeInfinity;
            for (int i = 0; i < size; i++)
                second = i == first ? second : Math.Max(second, members[i]);
            sums[group] = size == 1 ? best : best + second;
        }

        Span<bool> kept = stackalloc bool[sums.Length];
        for (int i = 0; i < Groups.Used; i++)
        {
            int best = Greatest(sums);
            kept[best] = true;
            sums[best] = float.NegativeInfinity;
        }

        for (int i = 0; i < ranks.Length; i++)
            ranks[i] = kept[i / size] ? ranks[i] : float.NegativeInfinity;
    }

    /// <summary>The first of the greatest; 0 where there are only NaNs.</summary>
    private static int Greatest(ReadOnlySpan<float> x)
    {
        int best = 0;
        for (int i = 1; i < x.Length; i++)
            best = x[i] > x[best] ? i : best;
        return best;
    }

    private static float Sum(ReadOnlySpan<float> x)
    {
        float sum = 0;
        foreach (float v in x)
            sum += v;
        return sum;
    }

    private static void Softmax(Span<float> x)
    {
        float greatest = x[Greatest(x)];
        foreach (ref float v in x)
            v = MathF.Exp(v - greatest);
        float sum = Sum(x);
        foreach (ref float v in x)
            v /= sum;
    }

    private static void Sigmoid(Span<float> x)
    {
        foreach (ref float v in x)
            v = 1 / (1 + MathF.Exp(-v));
    }
}
