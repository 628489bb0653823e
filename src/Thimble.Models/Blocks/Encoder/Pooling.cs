using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>Which of a text's token vectors stand for it; the numbers are GGUF's.</summary>
internal enum PoolingKind
{
    /// <summary>Their mean.</summary>
    Mean = 1,

    /// <summary>The first token's.</summary>
    First = 2,

    /// <summary>The last token's.</summary>
    Last = 3,
}

/// <summary>A text's token vectors as one vector, or as scores: pooled, then through what the file has behind that.</summary>
/// <param name="Kind">Which token vectors count.</param>
internal sealed record Pooling(PoolingKind Kind)
{
    /// <summary>Products that follow the pooling, in order.</summary>
    public Linear[] Dense { get; init; } = [];

    /// <summary>To scores of classes; null for a model of vectors.</summary>
    public ClassHead? Classes { get; init; }

    /// <summary>Whether the model scores how well two texts go together, rather than giving a vector of a text.</summary>
    public bool Ranks { get; init; }

    /// <summary>The weights it multiplies with.</summary>
    public IEnumerable<Weight> Weights => [.. Dense.SelectMany(linear => linear.Weights), .. Classes?.Weights ?? []];

    /// <summary>How many of a text's last token vectors it asks for.</summary>
    public int Wanted(int tokens) => Kind == PoolingKind.Last ? Math.Min(1, tokens) : tokens;

    /// <summary>Numbers it gives of a text.</summary>
    /// <param name="width">Features of a token vector.</param>
    public int Outputs(int width) => Classes?.Outputs(width) ?? (Dense.Length > 0 ? Dense[^1].Outputs : width);

    /// <summary>Takes the next wanted token vector of a text into its sum.</summary>
    /// <param name="x">The vector, shape [features].</param>
    /// <param name="number">Its number among those wanted, from 0.</param>
    /// <param name="sum">Shape [features], zeros before the first.</param>
    public void Take(ReadOnlySpan<float> x, int number, Span<float> sum)
    {
        if (Kind != PoolingKind.First || number == 0)
            Lanes.Best(new AddScaled(x, 1, sum));
    }

    /// <summary>Ends pooling: the sums of texts to what the model says of them.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="sums">Shape [texts, features]; used up.</param>
    /// <param name="tokens">The token vectors in each sum, shape [texts].</param>
    /// <returns>Shape [texts, <see cref="Outputs"/>].</returns>
    public Matrix Finish(Pass pass, Matrix sums, ReadOnlySpan<int> tokens)
    {
        Matrix x = sums;
        for (int text = 0; text < x.Rows && Kind == PoolingKind.Mean; text++)
            Lanes.Best(new Scaled(x[text], 1f / tokens[text], x[text]));
        foreach (Linear linear in Dense)
            x = linear.Of(pass, x);
        return Classes is null ? x : Classes.Apply(pass, x);
    }
}

/// <summary>Scores of classes: <c>softmax?(Output · norm(f(Dense · x)))</c>, of which a file may have one product or both.</summary>
/// <param name="Dense">The first product; null for x itself.</param>
/// <param name="Function">f, where there is a first product.</param>
/// <param name="Norm">Behind f; null for none.</param>
/// <param name="Output">The second product; null for none.</param>
/// <param name="Softmax">Whether scores become shares.</param>
internal sealed record ClassHead(Linear? Dense, Nonlinearity Function, Norm? Norm, Linear? Output, bool Softmax)
{
    /// <summary>The weights it multiplies with.</summary>
    public IEnumerable<Weight> Weights => [.. Dense?.Weights ?? [], .. Output?.Weights ?? []];

    /// <summary>Classes it scores.</summary>
    /// <param name="width">Features of a pooled vector.</param>
    public int Outputs(int width) => Output?.Outputs ?? Dense?.Outputs ?? width;

    /// <summary>Scores pooled vectors.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [texts, features].</param>
    /// <returns>Shape [texts, classes].</returns>
    public Matrix Apply(Pass pass, Matrix x)
    {
        if (Dense is not null)
        {
            x = Dense.Of(pass, x);
            Function.Apply(x.Values);
            Norm?.Apply(pass, x, x);
        }

        if (Output is not null)
            x = Output.Of(pass, x);
        for (int row = 0; row < x.Rows && Softmax; row++)
            Share(x[row]);
        return x;
    }

    private static void Share(Span<float> scores)
    {
        float greatest = float.NegativeInfinity, sum = 0;
        foreach (float score in scores)
            greatest = MathF.Max(greatest, score);
        foreach (ref float score in scores)
            sum += score = MathF.Exp(score - greatest);
        foreach (ref float score in scores)
            score /= sum;
    }
}
