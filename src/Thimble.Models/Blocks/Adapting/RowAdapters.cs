using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>Which adapters the rows of a run have, and which of those rows a block is looking at.</summary>
internal sealed class RowAdapters
{
    private readonly List<AdaptationSet?> _sets = [];          // of each row of the run
    private readonly List<Adaptation> _adaptations = [];       // of all rows, rising by number
    private readonly List<int> _picked = [];
    private bool _isPicked;

    /// <summary>Whether any row has one.</summary>
    public bool Any => _adaptations.Count > 0;

    /// <summary>Forgets the last run.</summary>
    public void Clear()
    {
        _sets.Clear();
        _adaptations.Clear();
        PickAll();
    }

    /// <summary>Adds rows.</summary>
    /// <param name="set">Their adapters; null for none.</param>
    /// <param name="rows">How many.</param>
    public void Add(AdaptationSet? set, int rows)
    {
        for (int i = 0; i < rows; i++)
            _sets.Add(set);
        foreach (Adapting part in set is null ? [] : set.Parts)
        {
            int at = 0;
            while (at < _adaptations.Count && _adaptations[at].Number < part.Adaptation.Number)
                at++;
            if (at == _adaptations.Count || !ReferenceEquals(_adaptations[at], part.Adaptation))
                _adaptations.Insert(at, part.Adaptation);
        }
    }

    /// <summary>Says that blocks are now given some rows of the run, until <see cref="PickAll"/>.</summary>
    /// <param name="picks">Numbers that give a row when divided by <paramref name="each"/>.</param>
    /// <param name="each">Numbers to a row.</param>
    public void Pick(ReadOnlySpan<int> picks, int each = 1)
    {
        PickAll();
        _isPicked = true;
        foreach (int pick in picks)
            _picked.Add(pick / each);
    }

    /// <summary>Says that blocks are given all rows again.</summary>
    public void PickAll()
    {
        _picked.Clear();
        _isPicked = false;
    }

    /// <summary>Adds what adapters change in the products of a weight.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="x">What was multiplied, shape [rows, columns].</param>
    /// <param name="y">The products, shape [rows, ≥ column + rows of the weight].</param>
    /// <param name="column">Where in a row of <paramref name="y"/> they begin.</param>
    public void Change(Pass pass, Weight weight, Matrix x, Matrix y, int column)
    {
        using Arena.Scope all = pass.Scratch.Mark();
        Matrix product = NeedsProduct(weight) ? pass.Columns(y, column, weight.Rows) : default;
        foreach (Adaptation adaptation in CollectionsMarshal.AsSpan(_adaptations))
        {
            if (!adaptation.Changes.TryGetValue(weight, out WeightChange? change))
                continue;

            using Arena.Scope _ = pass.Scratch.Mark();
            Span<float> scales = pass.Scratch.Rent<float>(x.Rows);
            for (int row = 0; row < scales.Length; row++)
                scales[row] = SetOf(row, scales.Length)?.ScaleOf(adaptation) ?? 0;
            change.Add(pass, scales, x, product, y, column);
        }
    }

    private bool NeedsProduct(Weight weight)
    {
        foreach (Adaptation adaptation in CollectionsMarshal.AsSpan(_adaptations))
        {
            if (adaptation.Changes.TryGetValue(weight, out WeightChange? change) && change.NeedsProduct)
                return true;
        }

        return false;
    }

    /// <summary>Adds what adapters change in a row of the embedding's table.</summary>
    public void ChangeEmbedding(Pass pass, int row, int token, Span<float> y)
    {
        foreach (Adapting part in _sets[row] is { } set ? set.Parts : [])
            part.Adaptation.Embedding?.AddRow(pass, token, part.Scale, y);
    }

    /// <summary>Adds the directions that control vectors have behind a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Shape [rows, features].</param>
    public void Steer(int layer, Matrix x)
    {
        for (int row = 0; row < x.Rows; row++)
        {
            foreach (Adapting part in _sets[row] is { } set ? set.Parts : [])
            {
                if (layer >= part.First && layer <= part.Last && layer < part.Adaptation.Directions.Length && part.Adaptation.Directions[layer] is { } direction)
                    Lanes.Best(new AddScaled(direction, part.Scale, x[row]));
            }
        }
    }

    private AdaptationSet? SetOf(int row, int rows)
    {
        int expected = _isPicked ? _picked.Count : _sets.Count;
        return rows == expected
            ? _sets[_isPicked ? _picked[row] : row]
            : throw new ArgumentException($"A block is given {rows} rows where {expected} of the run are picked.", nameof(rows));
    }
}
