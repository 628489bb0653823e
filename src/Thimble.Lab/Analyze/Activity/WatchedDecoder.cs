using System.Numerics.Tensors;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.States;

namespace Thimble.Lab.Analyze;

/// <summary>A model, or its first layers, that reads windows and is told how often it was right.</summary>
internal sealed class WatchedDecoder(Decoder decoder, Team team) : IDisposable
{
    private const int Scored = 32;   // rows whose logits are there at once

    private readonly Pass _pass = new(team);
    private readonly StatePool _states = new(decoder.States, long.MaxValue / 2, CellFormat.Named("F16"));
    private double _loss;
    private long _places, _agreed, _right;

    /// <summary>Sees each vector that comes before logits, and what the model says at each place.</summary>
    public delegate void Vectors(Matrix vectors, int[] said);

    /// <summary>Shown each product; null for nobody.</summary>
    public ProductObserver? Observer
    {
        get => _pass.Observer;
        init => _pass.Observer = value;
    }

    /// <summary>Of what was read.</summary>
    public double Perplexity => Math.Exp(_loss / _places);

    /// <summary>How well it foretold.</summary>
    public Foresight Foresight(string name) => new(name, (double)_agreed / _places, (double)_right / _places, Perplexity);

    /// <summary>Reads a window from an empty state.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="others">What another model said at each place; null for nobody.</param>
    /// <param name="seen">Sees the vectors; null for nobody.</param>
    /// <returns>The likeliest token behind each place.</returns>
    public int[] Read(int[] tokens, int[]? others, Vectors? seen)
    {
        int[] said = new int[tokens.Length];
        using var state = new SequenceState(_states);
        _pass.Clear();
        _pass.Scratch.Reset();
        _pass.Add(state, tokens, tokens.Length);
        Matrix vectors = decoder.Forward(_pass);
        for (int first = 0; first < tokens.Length; first += Scored)
        {
            using Arena.Scope _ = _pass.Scratch.Mark();
            int count = Math.Min(Scored, tokens.Length - first);
            Matrix logits = decoder.Head!.Apply(_pass, vectors.Part(first, count));
            for (int row = 0; row < count; row++)
                said[first + row] = Take(logits[row], first + row + 1 < tokens.Length ? tokens[first + row + 1] : null, others?[first + row]);
        }

        seen?.Invoke(vectors, said);
        return said;
    }

    public void Dispose()
    {
        _pass.Dispose();
        _states.Dispose();
    }

    private int Take(Span<float> logits, int? next, int? other)
    {
        int best = TensorPrimitives.IndexOfMax<float>(logits);
        if (next is not { } token)
            return best;
        float greatest = logits[best], wanted = logits[token];
        TensorPrimitives.Subtract(logits, greatest, logits);
        TensorPrimitives.Exp(logits, logits);
        _loss += Math.Log(TensorPrimitives.Sum<float>(logits)) + greatest - wanted;
        _right += best == token ? 1 : 0;
        _agreed += best == other ? 1 : 0;
        _places++;
        return best;
    }
}
