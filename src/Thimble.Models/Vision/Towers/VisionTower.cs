using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.Blocks;
using Thimble.Models.States;

namespace Thimble.Models.Vision;

/// <summary>What a model sees with: patches of a picture go through the layers of an encoder, and what comes of them through a
/// projector to vectors that stand in a text where tokens do.</summary>
/// <remarks>Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, section 3.1; Radford et al., "CLIP", 2021; Zhai et al.,
/// "SigLIP", 2023; Liu et al., "Visual Instruction Tuning", 2023, section 4.1.</remarks>
internal sealed record VisionTower
{
    /// <param name="patches">Pixels to vectors.</param>
    /// <param name="layers">What they go through.</param>
    /// <param name="projector">To the text model's vectors.</param>
    /// <param name="preparation">From pictures to views.</param>
    public VisionTower(PatchEmbedding patches, IReadOnlyList<Layer> layers, Projector projector, Preparation preparation)
    {
        (Patches, Layers, Projector, Preparation) = (patches, layers, projector, preparation);
        Mixer[] mixers = [.. layers.SelectMany(layer => layer.Steps).SelectMany(step => step.Blocks).OfType<Mixer>()];
        for (int i = 0; i < mixers.Length; i++)
            mixers[i].Number = i;
        States = [.. mixers.Select(mixer => mixer.State)];
    }

    /// <summary>Pixels to vectors.</summary>
    public PatchEmbedding Patches { get; }

    /// <summary>What they go through.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>To the text model's vectors.</summary>
    public Projector Projector { get; }

    /// <summary>From pictures to views.</summary>
    public Preparation Preparation { get; }

    /// <summary>The order of the patches.</summary>
    public PatchOrder Order { get; init; } = new();

    /// <summary>A vector before those of the patches; null for none.</summary>
    public float[]? Class { get; init; }

    /// <summary>Added to the vectors by place, that before them first; null for none.</summary>
    public Weight? Positions { get; init; }

    /// <summary>How positions are stretched over a view; null where each patch has its own.</summary>
    public PositionStretch? Stretch { get; init; }

    /// <summary>Normalises what enters the layers; null for no norm.</summary>
    public Norm? Before { get; init; }

    /// <summary>Normalises what leaves them; null for no norm.</summary>
    public Norm? After { get; init; }

    /// <summary>The layers whose inputs are handed on side by side, the number of layers for the last one's outcome; empty for that alone.</summary>
    public int[] Features { get; init; } = [];

    /// <summary>What stands in a text before a picture.</summary>
    public string Begin { get; init; } = "";

    /// <summary>What stands in a text behind a picture.</summary>
    public string End { get; init; } = "";

    /// <summary>What each layer keeps of a view while it runs.</summary>
    public IReadOnlyList<StateShape> States { get; }

    /// <summary>Features of the vectors it gives.</summary>
    public int Width => Projector.Outputs;

    /// <summary>Vectors that it gives of each beside that which stands in the text, one for each of the text model's first layers.</summary>
    public int Deeper => Projector.Deeper;

    /// <summary>All weights.</summary>
    public IEnumerable<Weight> Weights => Patches.Weights
        .Concat(Layers.SelectMany(layer => layer.Steps).SelectMany(step => step.Blocks).SelectMany(block => block.Weights))
        .Concat(Projector.Weights).Concat(Positions is null ? [] : [Positions]);

    /// <summary>The file, for messages.</summary>
    public string Source { get; init; } = "the projector";

    /// <summary>Reads a view.</summary>
    /// <param name="pass">A run; whatever is in it is forgotten.</param>
    /// <param name="view">As <see cref="Preparation"/> makes it.</param>
    /// <exception cref="InvalidDataException">What comes out are no numbers; the message names the tensor at fault.</exception>
    public GivenRows Read(Pass pass, Image view)
    {
        (int lines, int columns) = (view.Height / Patches.Side, view.Width / Patches.Side);
        (int Height, int Width)[] places = Order.Places(lines, columns);
        int rows = places.Length + (Class is null ? 0 : 1);
        if (Positions is not null && Stretch is null && Positions.Rows < rows)
            throw new InvalidDataException($"'{Source}' has {Positions.Rows} positions; a view of {view.Width}×{view.Height} pixels takes {rows}.");

        using Arena.Scope _ = pass.Scratch.Mark();
        using var pool = new StatePool(States, rows, CellFormat.Named("F32"));
        using var state = new SequenceState(pool);
        pass.Clear();
        pass.Add(state, Class is null ? places : [(0, 0), .. places], Order.Windows(lines, columns));
        Matrix x = pass.Scratch.Rent(rows, Patches.Products[0].Outputs);
        Enter(pass, view, places, lines, columns, x);
        Matrix features = Run(pass, x);
        if (Class is not null)
            features = features.Part(1, places.Length);
        Matrix y = Projector.Apply(pass, features, lines, columns);
        if (Order.Window > 0)
            y = Reordered(pass, y, Order.Back(lines, columns));
        return Finiteness.Of(y.Values) ? Projector.Rows(y, lines, columns) : throw Damage.In(Source, Weights);
    }

    private void Enter(Pass pass, Image view, (int Height, int Width)[] places, int lines, int columns, Matrix x)
    {
        int first = Class is null ? 0 : 1;
        using Arena.Scope _ = pass.Scratch.Mark();
        Patches.Apply(pass, view, places).Values.CopyTo(x.Part(first, places.Length).Values);
        Class?.CopyTo(x[0]);
        if (Stretch is not null)
            Stretch.Add(Positions!, places, lines, columns, pass.Scratch.Rent<float>(x.Columns), x.Part(first, places.Length));
        else if (Positions is not null)
            AddPositions(Positions, pass.Scratch.Rent<float>(x.Columns), x);
        Before?.Apply(pass, x, x);
    }

    private static void AddPositions(Weight positions, Span<float> position, Matrix x)
    {
        for (int row = 0; row < x.Rows; row++)
        {
            positions.Decode(row, position);
            Lanes.Best(new AddScaled(position, 1, x[row]));
        }
    }

    private Matrix Run(Pass pass, Matrix x)
    {
        int width = x.Columns;
        Matrix kept = Features.Length > 0 ? pass.Scratch.Rent(x.Rows, Features.Length * width) : default;
        for (int layer = 0; layer < Layers.Count; layer++)
        {
            Keep(x, kept, layer);
            foreach (Step step in Layers[layer].Steps)
                x = step.Apply(pass, x);
        }

        After?.Apply(pass, x, x);
        Keep(x, kept, Layers.Count);
        return Features.Length > 0 ? kept : x;
    }

    private void Keep(Matrix x, Matrix kept, int layer)
    {
        int at = Array.IndexOf(Features, layer);
        for (int row = 0; at >= 0 && row < x.Rows; row++)
            x[row].CopyTo(kept[row][(at * x.Columns)..]);
    }

    private static Matrix Reordered(Pass pass, Matrix x, int[] from)
    {
        Matrix y = pass.Scratch.Rent(x.Rows, x.Columns);
        for (int row = 0; row < from.Length; row++)
            x[from[row]].CopyTo(y[row]);
        return y;
    }
}
