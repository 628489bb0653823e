using Thimble.Peers.Engines;

namespace Thimble.Peers;

/// <summary>How near the scores of two engines are, on the same tokens.</summary>
/// <param name="Tokens">Tokens scored.</param>
/// <param name="Error">Normalised mean squared error: <c>Σ(a − b)² / Σb²</c> over all scores, each token's mean taken off.</param>
/// <param name="WorstError">The largest of one token.</param>
/// <param name="WorstToken">That token's position.</param>
/// <param name="Agreement">The share of tokens after which both like the same one best.</param>
/// <param name="Divergence">Mean Kullback-Leibler divergence of a from b, nats.</param>
internal sealed record Comparison(int Tokens, double Error, double WorstError, int WorstToken, double Agreement, double Divergence)
{
    /// <summary>Compares two engines.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other, taken for right.</param>
    /// <param name="ids">Tokens, from the beginning of a sequence on.</param>
    /// <param name="chunk">Tokens of a step.</param>
    public static Comparison Of(IEngine a, IEngine b, ReadOnlySpan<int> ids, int chunk = 64)
    {
        double squares = 0, differences = 0, worst = 0, divergence = 0;
        int worstToken = 0, agreed = 0, vocabulary = Math.Min(a.Vocabulary, b.Vocabulary);
        a.Cut(0);
        b.Cut(0);
        for (int at = 0; at < ids.Length; at += chunk)
        {
            ReadOnlySpan<int> part = ids[at..Math.Min(ids.Length, at + chunk)];
            a.Read(part, all: true);
            b.Read(part, all: true);
            for (int i = 0; i < part.Length; i++)
            {
                ReadOnlySpan<float> x = a.Logits(i)[..vocabulary], y = b.Logits(i)[..vocabulary];
                (double difference, double square) = Errors(x, y);
                (differences, squares) = (differences + difference, squares + square);
                if (difference / square > worst)
                    (worst, worstToken) = (difference / square, at + i);
                agreed += Best(x) == Best(y) ? 1 : 0;
                divergence += Divergences(x, y);
            }
        }

        return new(ids.Length, differences / squares, worst, worstToken, (double)agreed / ids.Length, divergence / ids.Length);
    }

    public override string ToString() =>
        $"{Tokens} tokens: NMSE {Error:E2} (worst {WorstError:E2} at token {WorstToken}), same best token {Agreement:P1}, KL divergence {Divergence:E2}";

    private static int Best(ReadOnlySpan<float> x)
    {
        int best = 0;
        for (int i = 1; i < x.Length; i++)
            best = x[i] > x[best] ? i : best;
        return best;
    }

    private static (double Difference, double Square) Errors(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double meanX = Mean(x), meanY = Mean(y), difference = 0, square = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double a = x[i] - meanX, b = y[i] - meanY;
            difference += (a - b) * (a - b);
            square += b * b;
        }

        return (difference, square);
    }

    private static double Mean(ReadOnlySpan<float> x)
    {
        double sum = 0;
        foreach (float value in x)
            sum += value;
        return sum / x.Length;
    }

    private static double Divergences(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double normX = Norm(x), normY = Norm(y), sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += Math.Exp(y[i] - normY) * (y[i] - normY - (x[i] - normX));
        return sum;
    }

    private static double Norm(ReadOnlySpan<float> x)
    {
        float top = x[Best(x)];
        double sum = 0;
        foreach (float value in x)
            sum += Math.Exp(value - top);
        return top + Math.Log(sum);
    }
}
