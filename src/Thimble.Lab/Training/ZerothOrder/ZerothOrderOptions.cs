namespace Thimble.Lab.Training;

/// <summary>Training by losses alone, without gradients being pulled back.</summary>
public sealed record ZerothOrderOptions
{
    /// <summary>One of <c>adam</c>, <c>conservative</c>, <c>forward</c>, <c>momentum</c>, <c>sgd</c>, <c>sign</c>.</summary>
    public string Method { get; init; } = "sgd";

    /// <summary>How far numbers are moved to see how the loss changes.</summary>
    public float Distance { get; init; } = 1e-3f;

    /// <summary>Directions that are tried for each step.</summary>
    public int Queries { get; init; } = 1;

    /// <summary>Whether layers are moved one after the other, each by directions of its own.</summary>
    public bool ByLayer { get; init; }

    /// <summary>The last layers, which are trained by gradients instead; 0 for none.</summary>
    public int FirstOrderLayers { get; init; }

    /// <summary>The rate of those layers.</summary>
    public float FirstOrderRate { get; init; } = 1e-3f;

    /// <summary>Share of the numbers that a direction leaves alone, in [0, 1).</summary>
    public float Sparsity { get; init; }

    /// <summary>Steps between two draws of which those are.</summary>
    public int Resample { get; init; } = 1;

    /// <summary>A regular expression that names what moves; null for all that is trained.</summary>
    public string? Targets { get; init; }

    /// <summary>Where each step is written down in eight bytes; null for nowhere.</summary>
    public string? Log { get; init; }

    internal static ZerothOrderOptions Read(RecipeKeys keys)
    {
        var made = new ZerothOrderOptions();
        made = made with
        {
            Method = keys.Text("method") ?? made.Method,
            Distance = keys.Number("distance") ?? made.Distance,
            Queries = keys.Whole("queries") ?? made.Queries,
            ByLayer = keys.Flag("by_layer") ?? false,
            FirstOrderLayers = keys.Whole("first_order_layers") ?? 0,
            FirstOrderRate = keys.Number("first_order_rate") ?? made.FirstOrderRate,
            Sparsity = keys.Number("sparsity") ?? 0,
            Resample = keys.Whole("resample") ?? made.Resample,
            Targets = keys.Text("targets"),
            Log = keys.Path("log"),
        };
        keys.RequireAllUsed();
        made.Require($"Recipe '{keys.Path()}'");
        return made;
    }

    /// <summary>Refuses numbers that cannot be.</summary>
    internal void Require(string source)
    {
        if (!(Distance > 0) || Queries < 1 || Resample < 1 || Sparsity is not (>= 0 and < 1))
            throw new InvalidDataException($"{source}: zeroth order with distance {Distance}, {Queries} queries, sparsity {Sparsity} and resampling every {Resample} steps; expected a distance, queries and resampling above 0, and a sparsity from 0 to below 1.");
        if (FirstOrderLayers > 0 && (Log is not null || ByLayer))
            throw new NotSupportedException($"{source}: with 'first_order_layers' a step has gradients of its own, so it cannot be written down in eight bytes ('log') nor go layer by layer ('by_layer').");
    }
}
