namespace Thimble.Models.Adapters;

/// <summary>An adapter about to be written.</summary>
/// <param name="Kind">PEFT's name of its kind.</param>
internal sealed record AdapterDraft(string Kind)
{
    /// <summary>What PEFT's config says besides, in order: numbers, texts and flags.</summary>
    public IReadOnlyList<(string Field, object Value)> Fields { get; init; } = [];

    /// <summary>Its matrices.</summary>
    public IReadOnlyList<DraftPart> Parts { get; init; } = [];

    /// <summary>Vectors before the first token; null for none.</summary>
    public DraftLead? Lead { get; init; }

    /// <summary>Low-rank changes: what is divided by the rank.</summary>
    public float Alpha { get; init; }

    /// <summary>The model it was trained on.</summary>
    public required ModelHash Base { get; init; }

    /// <summary>What it was trained on is called.</summary>
    public string? BaseName { get; init; }
}

/// <summary>A matrix or vector of an adapter.</summary>
/// <param name="Target">GGUF's name of the weight.</param>
/// <param name="Name">Its name in PEFT's folders, behind the module's.</param>
/// <param name="Values">Shape [rows, columns].</param>
/// <param name="Columns">Columns; 0 for a vector.</param>
internal sealed record DraftPart(string Target, string Name, float[] Values, int Columns)
{
    /// <summary>Outputs of the weight, where the rows are those; otherwise 0.</summary>
    public int OutputRows { get; init; }

    /// <summary>Outputs of the weight, where the columns are those; otherwise 0.</summary>
    public int OutputColumns { get; init; }
}

/// <summary>Vectors before the first token.</summary>
/// <param name="Count">How many.</param>
/// <param name="Values">Shape [count, width]; of a prefix, width is keys and values of all layers: a key row, a value row, layer by layer.</param>
/// <param name="Layers">Layers of a prefix; 0 for vectors that embeddings stand for.</param>
/// <param name="Heads">Key heads of a layer.</param>
internal sealed record DraftLead(int Count, float[] Values, int Layers = 0, int Heads = 0);
