using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>Fits an adapter to a model: finds each change's weight, and checks shapes and numbers.</summary>
/// <param name="file">The adapter.</param>
/// <param name="model">The model's file.</param>
/// <param name="decoder">The model.</param>
internal sealed class AdapterFit(AdapterFile file, ModelFile model, Decoder decoder)
{
    private readonly ILookup<string, Weight> _weights = decoder.Weights
        .Where(weight => !ReferenceEquals(weight, decoder.Embedding.Table)).Distinct()
        .ToLookup(weight => weight.Name.Split('[')[0], StringComparer.Ordinal);

    /// <summary>What the adapter changes in the model.</summary>
    /// <exception cref="InvalidDataException">It was made for another model.</exception>
    /// <exception cref="NotSupportedException">It changes what this build multiplies with in another way.</exception>
    public Adaptation Run()
    {
        if (file.Architecture is { } made && made != model.Architecture)
            throw new InvalidDataException($"The adapter '{file.Path}' was made for architecture '{made}'; '{model.Path}' is '{model.Architecture}'.");

        file.Base?.Require(model, file.Path);
        var adaptation = new Adaptation { Lead = file.Lead is { } lead ? Lead(lead) : null, Directions = Directions(), Invocation = file.Invocation };
        foreach (LowRankPair pair in file.Pairs)
            Add(adaptation, pair);
        foreach (BottleneckPair pair in file.Bottlenecks)
            Add(adaptation, pair);
        return adaptation;
    }

    private void Add(Adaptation adaptation, LowRankPair pair)
    {
        if (pair.Target == decoder.Embedding.Table.Name)
        {
            Weight table = decoder.Embedding.Table;
            int rank = Rank(pair, 1);
            Expect(pair.A, rank, table.Rows);
            Expect(pair.B, rank, table.Columns);
            adaptation.Embedding = new(
                LowRankChange.Matrix(pair.A.Name, table.Rows, rank, Values(pair.A)), LowRankChange.Matrix(pair.B.Name, table.Columns, rank, Values(pair.B)), FactorOf(pair, rank));
            return;
        }

        if (decoder.Mixers.OfType<LatentAttention>().FirstOrDefault(mixer => IsJoined(mixer, pair.Target)) is { } latent)
        {
            AddJoined(adaptation, pair, latent);
            return;
        }

        Weight[] weights = Weights(pair.Target, pair.A);
        int each = Rank(pair, weights.Length), height = weights[0].Rows, width = weights[0].Columns;
        Expect(pair.A, width, (long)each * weights.Length);
        Expect(pair.B, each, (long)height * weights.Length);
        float[] a = Values(pair.A), b = Values(pair.B);
        for (int i = 0; i < weights.Length; i++)
        {
            var change = new LowRankChange(
                LowRankChange.Matrix(pair.A.Name, each, width, a.AsSpan(i * each * width, each * width)),
                LowRankChange.Matrix(pair.B.Name, height, each, b.AsSpan(i * height * each, height * each)),
                FactorOf(pair, each));
            adaptation.Changes.Add(weights[i], pair.Magnitude is { } lengths ? Measured(pair, weights, change, lengths, a, b) : change);
        }
    }

    private Weight[] Weights(string target, StoredTensor part)
    {
        Weight[] weights = [.. _weights[target]];
        return weights.Length > 0 ? weights : throw (model.TryGetTensor(target, out _)
            ? new NotSupportedException($"Tensor '{part.Name}' of '{file.Path}' changes '{target}', which is no matrix of '{model.Path}' that tokens are multiplied with.")
            : new InvalidDataException($"Tensor '{part.Name}' of '{file.Path}' changes '{target}', which '{model.Path}' does not have; the adapter was made for another model."));
    }

    private MagnitudeChange Measured(LowRankPair pair, Weight[] weights, LowRankChange change, StoredTensor lengths, float[] a, float[] b)
    {
        Weight weight = Only(pair.Target, weights);
        if (lengths.Rows * lengths.Columns != weight.Rows)
            throw new InvalidDataException($"Tensor '{lengths.Name}' of '{file.Path}' has {lengths.Rows * lengths.Columns} values; '{pair.Target}' of '{model.Path}' has {weight.Rows} rows.");
        float[] factors = Values(lengths), row = new float[weight.Columns];
        int rank = b.Length / weight.Rows;
        for (int i = 0; i < factors.Length; i++)
        {
            weight.Decode(i, row);
            factors[i] /= MagnitudeChange.Length(row, b.AsSpan(i * rank, rank), a, change.Factor);
        }

        return new MagnitudeChange(change, Finiteness.Of(factors) ? factors : throw new InvalidDataException($"A row of '{pair.Target}' changed by '{file.Path}' has no length; it cannot be given one."));
    }

    private void Add(Adaptation adaptation, BottleneckPair pair)
    {
        Weight weight = Only(pair.Target, Weights(pair.Target, pair.Down));
        (int given, int gives) = pair.Place switch
        {
            BottleneckPlace.Behind => (weight.Rows, weight.Rows),
            BottleneckPlace.Before => (weight.Columns, weight.Columns),
            _ => (weight.Columns, weight.Rows),
        };
        int narrow = checked((int)pair.Down.Rows);
        Expect(pair.Down, given, narrow);
        Expect(pair.Up, narrow, gives);
        adaptation.Changes.Add(weight, new BottleneckChange(
            LowRankChange.Matrix(pair.Down.Name, narrow, given, Values(pair.Down)), LowRankChange.Matrix(pair.Up.Name, gives, narrow, Values(pair.Up)),
            BottleneckFunctions.Named(pair.Function, file.Path), pair.Place == BottleneckPlace.Before ? weight : null, weight.Rows, pair.Place == BottleneckPlace.Behind)
        {
            Factor = float.IsFinite(pair.Scale) ? pair.Scale : throw new InvalidDataException($"The factor of '{pair.Target}' in '{file.Path}' is {pair.Scale}; expected a number."),
        });
    }

    private Weight Only(string target, Weight[] weights) => weights.Length == 1
        ? weights[0]
        : throw new NotSupportedException($"'{target}' of '{model.Path}' is {weights.Length} matrices; adapters of this kind are known for single ones.");

    private GivenRows Lead(LeadTensor lead) => new LeadFit(file.Path, model, decoder).Rows(lead, Values(lead.Tensor));

    private static bool IsJoined(LatentAttention mixer, string name) =>
        mixer.KeyUp[0].Name.StartsWith(name + "[", StringComparison.Ordinal) && mixer.ValueUp[0].Name.StartsWith(name + "[", StringComparison.Ordinal);

    /// <summary>A change of each head's K above its V: K is used turned, so its change is <c>Aᵀ·(Bᵀ·q)</c>.</summary>
    private void AddJoined(Adaptation adaptation, LowRankPair pair, LatentAttention latent)
    {
        int rank = Rank(pair, 1), plain = latent.KeyUp[0].Columns, width = latent.KeyUp[0].Rows, values = latent.ValueUp[0].Rows;
        Expect(pair.A, width, rank);
        Expect(pair.B, rank, (long)latent.KeyUp.Length * (plain + values));
        float[] a = Values(pair.A), b = Values(pair.B);
        Weight down = LowRankChange.Matrix(pair.A.Name, rank, width, a), back = LowRankChange.Matrix(pair.A.Name, width, rank, Turned(a, width));
        for (int head = 0; head < latent.KeyUp.Length; head++)
        {
            int at = head * (plain + values);
            Weight keys = LowRankChange.Matrix(pair.B.Name, rank, plain, Turned(b.AsSpan(at * rank, plain * rank), rank));
            adaptation.Changes.Add(latent.KeyUp[head], new LowRankChange(keys, back, FactorOf(pair, rank)));
            adaptation.Changes.Add(latent.ValueUp[head], new LowRankChange(
                down, LowRankChange.Matrix(pair.B.Name, values, rank, b.AsSpan((at + plain) * rank, values * rank)), FactorOf(pair, rank)));
        }
    }

    private float[]?[] Directions()
    {
        float[]?[] directions = new float[file.Directions.Count == 0 ? 0 : decoder.Layers.Count][];
        foreach ((int layer, float[] direction) in file.Directions)
        {
            if (layer >= directions.Length)
                throw new InvalidDataException($"Tensor 'direction.{layer}' of '{file.Path}' stands behind no layer of '{model.Path}', whose layers are 0 to {directions.Length - 1}.");
            if (direction.Length != decoder.Embedding.Width)
                throw new InvalidDataException($"Tensor 'direction.{layer}' of '{file.Path}' has {direction.Length} values; expected {decoder.Embedding.Width}, the features of '{model.Path}'.");
            directions[layer] = Finiteness.Of(direction) ? direction : throw Damaged($"direction.{layer}");
        }

        return directions;
    }

    /// <summary>The rank of a pair: B's row length.</summary>
    private int Rank(LowRankPair pair, int matrices) => pair.B.Columns is > 0 and <= int.MaxValue and var rank
        && (pair.A.Rows == rank * matrices || (pair.A.Columns == rank && pair.Target == decoder.Embedding.Table.Name))
        ? (int)rank
        : throw new InvalidDataException(
            $"Tensors '{pair.A.Name}' [{string.Join(", ", pair.A.Shape)}] and '{pair.B.Name}' [{string.Join(", ", pair.B.Shape)}] of '{file.Path}' differ in rank; "
            + $"expected {(matrices == 1 ? "" : $"{matrices} matrices each, and ")}as many rows of the first as columns of the second.");

    private void Expect(StoredTensor tensor, long columns, long rows)
    {
        if (tensor.Columns != columns || tensor.Rows != rows)
        {
            throw new InvalidDataException(
                $"Tensor '{tensor.Name}' of '{file.Path}' is {tensor.Rows}×{tensor.Columns}; '{model.Path}' asks for {rows}×{columns}.");
        }
    }

    private float FactorOf(LowRankPair pair, int rank)
    {
        float factor = pair.Factor ?? (pair.Alpha == 0 ? 1 : pair.Alpha / rank);
        return float.IsFinite(factor) ? factor : throw new InvalidDataException($"The factor of '{pair.Target}' in '{file.Path}' is {factor}; expected a number.");
    }

    private float[] Values(StoredTensor tensor)
    {
        float[] values = tensor.Values();
        return Finiteness.Of(values) ? values : throw Damaged(tensor.Name);
    }

    private InvalidDataException Damaged(string name) => new($"Tensor '{name}' of '{file.Path}' has a value that is no number; the file is damaged.");

    /// <summary>A matrix turned.</summary>
    private static float[] Turned(ReadOnlySpan<float> values, int columns)
    {
        int rows = values.Length / columns;
        float[] turned = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
            turned[(i % columns * rows) + (i / columns)] = values[i];
        return turned;
    }
}
