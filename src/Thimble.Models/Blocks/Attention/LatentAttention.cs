using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>Attention whose keys and values are one short vector a token, <c>c = norm(L·x)</c>, from which each head's are drawn:
/// <c>k = K·c</c>, <c>v = V·c</c>; a few more features, shared by all heads, carry the position.</summary>
/// <remarks>K moves to the query's side, <c>q·(K·c) = (Kᵀ·q)·c</c>, and V behind the sum, so only c and the turned features are kept.
/// Source: DeepSeek-AI, "DeepSeek-V2", 2024, section 2.1.</remarks>
/// <param name="Query">To all heads' queries, plain features before turned ones in each.</param>
/// <param name="Latent">To c, before its norm, and the turned features.</param>
/// <param name="LatentNorm">Normalises c.</param>
/// <param name="KeyUp">Each head's Kᵀ, shape [rank, plain features].</param>
/// <param name="ValueUp">Each head's V, shape [value features, rank].</param>
/// <param name="Output">From all heads' values back to features.</param>
/// <param name="Rule">How scores are made, and which keys a query sees.</param>
/// <param name="Rope">Rotary positions of the turned features.</param>
internal sealed record LatentAttention(
    Linear Query, Linear Latent, Norm LatentNorm, Weight[] KeyUp, Weight[] ValueUp, Linear Output, AttentionRule Rule, Rope Rope) : Mixer
{
    private readonly int _plain = KeyUp[0].Columns, _rank = KeyUp[0].Rows, _turned = 2 * Rope.Frequencies.Length;

    /// <summary>To a short vector from which the queries are drawn, and its norm; null where they are drawn from the features.</summary>
    public (Linear Down, Norm Norm)? QueryLatent { get; init; }

    /// <summary>Factor on queries by position; null for none.</summary>
    public AttentionTemperature? Temperature { get; init; }

    private int Heads => KeyUp.Length;

    private HeadShape Keys => new(1, _rank + _turned, _rank);

    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights =>
        [.. QueryLatent?.Down.Weights ?? [], .. Query.Weights, .. Latent.Weights, .. KeyUp, .. ValueUp, .. Output.Weights];

    /// <inheritdoc />
    public override StateShape State => StateShape.Attention(Keys.Heads, Keys.KeySize, Keys.ValueSize);

    /// <inheritdoc />
    public override void Describe(Demands demands)
    {
        QueryLatent?.Down.Describe(demands);
        demands.Product(Query);
        demands.Product(KeyUp);
        demands.Product(Latent);
        demands.Map("rope", (Heads + 1) * _turned, 3);
        demands.Attention("attention", Heads, Keys, Rule);
        demands.Product(ValueUp);
        demands.Product(Output);
    }

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        Matrix angles = Rope.Angles(pass);
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix queries = pass.Scratch.Rent(x.Rows, Heads * Keys.KeySize);
        Draw(pass, x, angles, queries);
        Keep(pass, Latent.Of(pass, x), angles);

        Matrix mixed = pass.Scratch.Rent(x.Rows, Heads * _rank), values = pass.Scratch.Rent(x.Rows, Heads * ValueUp[0].Rows);
        AttentionWork.Run(Number, Number, Heads, Keys, Rule, pass, queries, mixed);
        for (int head = 0; head < Heads; head++)
            Multiply(pass, ValueUp[head], mixed, head * _rank, values, head * ValueUp[0].Rows);
        Output.Apply(pass, values, y);
    }

    /// <summary>Each head's query: <c>Kᵀ·q</c> of its plain features, then its turned ones.</summary>
    private void Draw(Pass pass, Matrix x, Matrix angles, Matrix queries)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix source = x;
        if (QueryLatent is { } latent)
        {
            source = latent.Down.Of(pass, x);
            latent.Norm.Apply(pass, source, source);
        }

        Matrix q = Query.Of(pass, source);
        for (int head = 0; head < Heads; head++)
        {
            int from = head * (_plain + _turned), to = head * Keys.KeySize;
            Multiply(pass, KeyUp[head], q, from, queries, to);
            for (int row = 0; row < x.Rows; row++)
            {
                Span<float> turned = queries[row].Slice(to + _rank, _turned);
                q[row].Slice(from + _plain, _turned).CopyTo(turned);
                Rope.Rotate(turned, _turned, angles[row]);
            }
        }

        for (int row = 0; Temperature is not null && row < x.Rows; row++)
            Lanes.Best(new Scaled(queries[row], Temperature.At(pass.Positions[row]), queries[row]));
    }

    /// <summary>Writes what is kept of every token: c and the turned features as its key, c as its value.</summary>
    private void Keep(Pass pass, Matrix latent, Matrix angles)
    {
        foreach (Segment segment in pass.Segments)
        {
            for (int i = 0; i < segment.Count; i++)
            {
                Span<float> row = latent[segment.First + i], c = row[.._rank];
                LatentNorm.Apply(c, c);
                Rope.Rotate(row[_rank..], _turned, angles[segment.First + i]);
                segment.State.Write(Number, segment.Position + i, row, c);
            }
        }
    }

    /// <summary>Multiplies neighbouring columns of x.</summary>
    private static void Multiply(Pass pass, Weight weight, Matrix x, int from, Matrix y, int to)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix part = pass.Columns(x, from, weight.Columns);
        pass.Observer?.Invoke(weight, part);
        weight.Multiply(pass.Ready(part, weight.TakesBytes), y, pass.Team, to);
        if (pass.Adapters.Any)
            pass.Adapters.Change(pass, weight, part, y, to);
    }
}
