using Thimble.Models.Files;

namespace Thimble.Lab.Training;

/// <summary>Makes gates sparse: adds <c>weight · Σ layers mean(relu(g)) / rms(g)</c> to the loss, and steers the weight so that a share of all gates is at nothing.</summary>
/// <remarks>Divided by its root mean square the term does not fall when gates merely become smaller: it can only push more of them below nothing. After each
/// step the weight is multiplied by <c>e^(0.2 · (target − share))</c>. Source: Mirzadeh et al., "ReLU Strikes Back", 2023; Song et al., "ProSparse", 2024,
/// section 3.2 (a term that rises step by step). We changed: the scale that does not count, and the steering.</remarks>
internal sealed class SparseActivations
{
    private const string Function = "hidden_activation";
    private const float Pace = 0.2f, Least = 1e-4f;

    private readonly SparseOptions _options;
    private readonly float[] _weight;
    private readonly Lock _counting = new();
    private long _nothing, _all;

    /// <param name="options">The target, and what the weight begins with.</param>
    public SparseActivations(SparseOptions options) => (_options, _weight) = (options, [options.Weight]);

    /// <summary>The weight, which a training goes on from.</summary>
    public Span<float> Weight => _weight;

    /// <summary>A batch's share of a step.</summary>
    public float Share { get; set; } = 1;

    /// <summary>A model whose gates end in ReLU.</summary>
    /// <param name="source">A model with gates.</param>
    /// <exception cref="NotSupportedException">Its architecture does not let its file name the function.</exception>
    public static ModelFile Rectified(ModelFile source)
    {
        if (source.Architecture is not ("llama" or "ple"))
            throw new NotSupportedException($"'{source.Path}' is of architecture {source.Architecture}, whose files do not name the function of their gates; known: llama, ple.");
        var metadata = new Metadata();
        foreach (string key in source.Metadata.Keys)
        {
            if (source.Metadata.TryGet(key, out object? value))
                metadata.Add(key, value);
        }

        metadata.Set($"{source.Architecture}.{Function}", "relu");
        return new ModelFile(source.Path, metadata, source.Tensors, source);
    }

    /// <summary>Counts gates.</summary>
    public void Count(long nothing, long all)
    {
        lock (_counting)
            (_nothing, _all) = (_nothing + nothing, _all + all);
    }

    /// <summary>Ends a step: the weight turns towards the target, and counting begins anew.</summary>
    /// <returns>The share of gates at nothing in this step.</returns>
    public double Turn()
    {
        double share = _all == 0 ? double.NaN : (double)_nothing / _all;
        if (_all > 0)
            _weight[0] = Math.Clamp(_weight[0] * MathF.Exp(Pace * (float)(_options.Target - share)), Least, _options.Most);
        (_nothing, _all) = (0, 0);
        return share;
    }
}
