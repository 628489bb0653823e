using System.Numerics.Tensors;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Scores of experts become shares of those that are chosen; which are chosen has no derivative.</summary>
/// <remarks><para>Gates g are the softmax or logistic function of the scores, shares <c>s = factor · g / Σg</c> or <c>factor · g</c> over the chosen.</para>
/// <para>The reverse run adds the gradient of <c>balance · E · Σ fₑ·Pₑ</c>, with f the share of choices that an expert got and P its mean
/// softmax, which keeps experts in use alike. Source: Fedus et al., "Switch Transformers", 2022, section 2.2.</para></remarks>
internal sealed class Routing : Operation
{
    private readonly Router _router;
    private readonly Value _scores, _shares;
    private readonly Loan _gates;   // as the router left them, shape [rows, experts]
    private readonly float _balance;

    private Routing(Router router, Value scores, Value shares, Loan gates, int[] chosen, float balance) =>
        (_router, _scores, _shares, _gates, Chosen, _balance) = (router, scores, shares, gates, chosen, balance);

    /// <summary>The experts chosen, shape [rows · used].</summary>
    private int[] Chosen { get; }

    /// <summary>Routes.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="router">How experts are chosen.</param>
    /// <param name="scores">Shape [rows, experts].</param>
    /// <param name="balance">Weight of the loss that keeps experts in use alike; 0 for none.</param>
    /// <returns>Shares, shape [rows, used], and the experts that they are of.</returns>
    public static (Value Shares, int[] Chosen) Of(Tape tape, Router router, Value scores, float balance)
    {
        Value shares = tape.Rent(scores.Rows, router.Used, scores.IsVaried);
        Loan gates = tape.Scratch.Lend(scores.Rows, scores.Columns);
        scores.Result.Values.CopyTo(gates.Matrix.Values);
        int[] chosen = new int[scores.Rows * router.Used];
        tape.EachRow(scores.Rows, row =>
            router.Choose(gates.Matrix[row], new float[router.Experts], chosen.AsSpan(row * router.Used, router.Used), shares.Result[row]));
        return (tape.Record(new Routing(router, scores, shares, gates, chosen, balance), shares), chosen);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_scores.IsVaried || (!_shares.HasGradient && _balance == 0))
            return;
        Loan g = new(_shares.Gradient(tape)), dx = new(_scores.Gradient(tape));
        float[] uses = Uses();
        tape.EachRow(_shares.Rows, row =>
        {
            Span<float> picks = stackalloc float[_router.Used];
            ToGates(row, g.Matrix[row], picks);
            ThroughGates(row, picks, dx.Matrix[row]);
            if (_balance > 0)
                Balance(row, uses, dx.Matrix[row]);
        });
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (!_scores.HasTangent)
            return;
        Loan t = new(_shares.Tangent(tape)), tx = new(_scores.Tangent(tape));
        tape.EachRow(_shares.Rows, row =>
        {
            Span<float> picks = stackalloc float[_router.Used], moved = stackalloc float[_router.Used];
            Span<float> all = new float[_router.Experts];
            Turned(row, tx.Matrix[row], all);
            for (int i = 0; i < picks.Length; i++)
                picks[i] = all[Chosen[(row * _router.Used) + i]];
            FromGates(row, picks, moved);
            Rows.Add(moved, 1, t.Matrix[row]);
        });
    }

    /// <summary>Gates of the chosen, before they are divided by their sum.</summary>
    private void Picked(int row, Span<float> picks)
    {
        for (int i = 0; i < picks.Length; i++)
            picks[i] = _gates.Matrix[row][Chosen[(row * _router.Used) + i]];
        if (_router.Gating == Gating.SoftmaxOfChosen)
            TensorPrimitives.SoftMax(picks, picks);
    }

    /// <summary>Gradient by shares to gradient by the chosen gates. The same the other way: the matrix is <c>f·(1 − p·1ᵀ/S)</c>, and here its transpose.</summary>
    private void ToGates(int row, ReadOnlySpan<float> shares, Span<float> picks)
    {
        Span<float> p = stackalloc float[picks.Length];
        Picked(row, p);
        float sum = TensorPrimitives.Sum<float>(p), factor = _router.Factor(sum);
        float mean = Divides(factor) ? TensorPrimitives.Dot(shares, p) / sum : 0;
        for (int i = 0; i < picks.Length; i++)
            picks[i] = factor * (shares[i] - mean);
    }

    /// <summary>Direction of the chosen gates to direction of the shares.</summary>
    private void FromGates(int row, ReadOnlySpan<float> picks, Span<float> shares)
    {
        Span<float> p = stackalloc float[picks.Length];
        Picked(row, p);
        float sum = TensorPrimitives.Sum<float>(p), factor = _router.Factor(sum);
        float mean = Divides(factor) ? TensorPrimitives.Sum(picks) / sum : 0;
        for (int i = 0; i < picks.Length; i++)
            shares[i] = factor * (picks[i] - (p[i] * mean));
    }

    /// <summary>Whether the sum is what shares are divided by, and not the least sum in its place.</summary>
    private bool Divides(float factor) => _router.Normalise && factor < _router.Factor(0);

    /// <summary>Gradient by the chosen gates to gradient by all scores, added.</summary>
    private void ThroughGates(int row, ReadOnlySpan<float> picks, Span<float> scores)
    {
        ReadOnlySpan<int> chosen = Chosen.AsSpan(row * _router.Used, _router.Used);
        ReadOnlySpan<float> gates = _gates.Matrix[row];
        Span<float> p = stackalloc float[picks.Length];
        Picked(row, p);
        float dot = TensorPrimitives.Dot(picks, p);
        for (int i = 0; i < picks.Length; i++)
            scores[chosen[i]] += _router.Gating == Gating.Sigmoid ? picks[i] * p[i] * (1 - p[i]) : p[i] * (picks[i] - (_router.Gating == Gating.SoftmaxOfChosen ? dot : 0));
        if (_router.Gating == Gating.Softmax)
            TensorPrimitives.MultiplyAdd(gates, -dot, scores, scores);
    }

    /// <summary>Direction of all scores to direction of all gates; of those that are chosen alone, where only they count.</summary>
    private void Turned(int row, ReadOnlySpan<float> scores, Span<float> gates)
    {
        ReadOnlySpan<float> g = _gates.Matrix[row];
        if (_router.Gating == Gating.SoftmaxOfChosen)
        {
            Span<float> p = stackalloc float[_router.Used];
            Picked(row, p);
            float dot = 0;
            for (int i = 0; i < p.Length; i++)
                dot += p[i] * scores[Chosen[(row * p.Length) + i]];
            for (int i = 0; i < p.Length; i++)
                gates[Chosen[(row * p.Length) + i]] = p[i] * (scores[Chosen[(row * p.Length) + i]] - dot);
            return;
        }

        float mean = _router.Gating == Gating.Softmax ? TensorPrimitives.Dot(g, scores) : 0;
        for (int i = 0; i < g.Length; i++)
            gates[i] = _router.Gating == Gating.Sigmoid ? g[i] * (1 - g[i]) * scores[i] : g[i] * (scores[i] - mean);
    }

    /// <summary>The share of all choices that each expert got.</summary>
    private float[] Uses()
    {
        float[] uses = new float[_router.Experts];
        foreach (int expert in Chosen)
            uses[expert] += 1f / Chosen.Length;
        return uses;
    }

    private void Balance(int row, float[] uses, Span<float> scores)
    {
        Span<float> gates = new float[uses.Length];
        TensorPrimitives.SoftMax(_scores.Result[row], gates);
        float mean = TensorPrimitives.Dot<float>(uses, gates), factor = _balance * uses.Length / _shares.Rows;
        for (int i = 0; i < gates.Length; i++)
            scores[i] += factor * gates[i] * (uses[i] - mean);
    }
}
