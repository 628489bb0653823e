namespace Thimble.Models.Files;

/// <summary>What must happen to a tensor on its way from a Hugging Face folder to GGUF.</summary>
internal enum Change
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Query rows of a head leave the order for rotation by halves for that by adjacent pairs.</summary>
    PairQueries,

    /// <summary>The same for key rows.</summary>
    PairKeys,

    /// <summary>A matrix, or each of an expert tensor's, stored as [inputs, outputs] is turned.</summary>
    Turn,

    /// <summary>A gain stored less one.</summary>
    AddOne,

    /// <summary>Rows of a query, a key and a value for each head leave the order of heads for all queries, all keys, all values.</summary>
    PartThirds,
}

/// <summary>One tensor, or one in each layer, under two names without <c>.weight</c> or <c>.bias</c>.</summary>
/// <param name="Theirs">The folder's name, without the family's prefix; # stands for the layer, @ for an expert, all of which become one tensor.</param>
/// <param name="Ours">GGUF's name; # stands for the layer.</param>
/// <param name="Change">What happens to its weight; a bias is only ever paired.</param>
/// <param name="Optional">Whether a model may lack it.</param>
internal sealed record TensorName(string Theirs, string Ours, Change Change = Change.None, bool Optional = false)
{
    /// <summary>Whether both names are whole, with whatever they end in.</summary>
    public bool Whole { get; init; }

    /// <summary>What becomes of the tensor beside <see cref="Change"/>; null for nothing. <see cref="Ours"/> may then name several, parted by |.</summary>
    public Making? Make { get; init; }

    /// <summary>Which of several tensors it is that are laid one above the other; null for one by itself.</summary>
    public int? Place { get; init; }

    /// <summary>GGUF's names.</summary>
    public string[] Parts { get; } = Ours.Split('|');
}

/// <summary>Makes one of the tensors that a folder's tensor becomes.</summary>
/// <param name="stored">The folder's, under the new name.</param>
/// <param name="part">Which of the new ones.</param>
/// <param name="folder">The folder's sizes.</param>
internal delegate StoredTensor Making(StoredTensor stored, int part, FolderSizes folder);

/// <summary>What a folder's config.json says.</summary>
/// <param name="Shape">Sizes.</param>
/// <param name="Config">All of it.</param>
/// <param name="Layer">The layer whose tensor is being made; 0 for one of no layer.</param>
internal sealed record FolderSizes(ModelShape Shape, JsonFile Config, int Layer);

/// <summary>A family of models as Hugging Face folders hold them: an architecture and a table of names.</summary>
/// <param name="Architecture">GGUF's name for it.</param>
/// <param name="Prefix">What may stand before all names, such as <c>model.</c></param>
/// <param name="Tensors">The table.</param>
/// <remarks>A family is a file beside this one whose module initialiser calls <see cref="Add"/>. Sizes are read from
/// config.json under every name Hugging Face has for them, so that a table of tensors is all there is to say.</remarks>
internal sealed record Family(string Architecture, string Prefix, TensorName[] Tensors)
{
    private static readonly SortedDictionary<string, Family> s_byClass = new(StringComparer.Ordinal);

    /// <summary>Tensors that files carry and no model needs, by the end of their names.</summary>
    public string[] Ignored { get; init; } = [".rotary_emb.inv_freq"];

    /// <summary>What else may stand before all names, the longest first.</summary>
    public string[] OtherPrefixes { get; init; } = [];

    /// <summary>What names of tensors begin with that belong to something else: an image encoder, layers that predict further tokens.</summary>
    public string[] Beside { get; init; } = [];

    /// <summary>Whether layers beyond the last only predict further tokens, and are left out.</summary>
    public bool EndsEarly { get; init; }

    /// <summary>Whether positions are rotated into queries and keys.</summary>
    public bool Rotates { get; init; } = true;

    /// <summary>Whether some layer attends; those that never do have no heads.</summary>
    public bool Attends { get; init; } = true;

    /// <summary>What the norms' epsilon is where config.json does not say; null if it must.</summary>
    public double? DefaultEpsilon { get; init; }

    /// <summary>Whether norms take off no mean, under whatever name their epsilon stands; null to go by the name.</summary>
    public bool? PlainNorms { get; init; }

    /// <summary>Which layers attend, where some do not; then heads are listed layer by layer.</summary>
    public Func<JsonFile, int, bool>? AttendsIn { get; init; }

    /// <summary>The family that a config.json of this class means, where it may mean another.</summary>
    public Func<JsonFile, Family>? Variant { get; init; }

    /// <summary>Adds what is to be said of this family alone.</summary>
    public Action<ArchitectureKeys, FolderSizes>? Says { get; init; }

    /// <summary>Takes numbers from tensors that GGUF holds as metadata; says whether a tensor was one.</summary>
    public Func<SafeTensor, Metadata, FolderSizes, bool>? Takes { get; init; }

    /// <summary>Numbers that are copied: fields of config.json and GGUF's keys without the architecture.</summary>
    public (string Field, string Key)[] Numbers { get; init; } = [];

    /// <summary>Flags that are copied.</summary>
    public (string Field, string Key)[] Flags { get; init; } = [];

    /// <summary>Texts that are copied.</summary>
    public (string Field, string Key)[] Texts { get; init; } = [];

    /// <summary>Flags of which the architecture knows one state, and which.</summary>
    public (string Field, bool Known)[] Fixed { get; init; } = [];

    /// <summary>What the base of rotations is where config.json does not say.</summary>
    public double DefaultTheta { get; init; } = 10000;

    /// <summary>Whether <c>sliding_window</c> holds for all layers, or those that <c>layer_types</c> or the architecture names.</summary>
    public bool Slides { get; init; }

    /// <summary>Whether head and embedding are one where config.json does not say.</summary>
    public bool TiesByDefault { get; init; }

    /// <summary>Adds a family under the class names config.json may hold in <c>architectures</c>.</summary>
    public static void Add(Family family, params ReadOnlySpan<string> classes)
    {
        foreach (string name in classes)
            s_byClass.Add(name, family);
    }

    /// <summary>The first family of an architecture, by GGUF's name; members of one architecture name their tensors alike.</summary>
    /// <exception cref="NotSupportedException">There is none; the message lists the known ones.</exception>
    public static Family OfArchitecture(string path, string architecture) => s_byClass.Values.FirstOrDefault(family => family.Architecture == architecture)
        ?? throw new NotSupportedException(
            $"'{path}': names of architecture '{architecture}' are unknown in safetensors; known: {string.Join(", ", s_byClass.Values.Select(family => family.Architecture).Distinct())}. "
            + "Convert the adapter to GGUF.");

    /// <summary>The family of a class name.</summary>
    /// <exception cref="NotSupportedException">It is unknown; the message lists the known ones.</exception>
    public static Family Of(string path, string className) => s_byClass.TryGetValue(className, out Family? family)
        ? family
        : throw new NotSupportedException($"'{path}': architecture '{className}' is unknown; known: {string.Join(", ", s_byClass.Keys)}.");
}
