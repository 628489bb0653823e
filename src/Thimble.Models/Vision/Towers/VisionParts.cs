using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Vision;

/// <summary>A tower as files hold it: keys beginning with <c>clip.vision.</c>, tensors with <c>v.</c>.</summary>
/// <remarks>Names are llama.cpp's.</remarks>
/// <param name="From">The file.</param>
internal sealed record VisionParts(Blueprint From)
{
    /// <summary>Features of a patch's vector.</summary>
    public int Width => From.Count("vision.embedding_length");

    /// <summary>Pixels of a patch's side.</summary>
    public int Patch => From.Count("vision.patch_size");

    /// <summary>Pixels of a view's side, where views are squares.</summary>
    public int Size => From.Count("vision.image_size") is var size && size % Patch == 0
        ? size
        : throw From.Wrong("vision.image_size", size, $"a multiple of {Patch}, the patch size");

    /// <summary>Attention heads.</summary>
    public int Heads => From.Count("vision.attention.head_count") is var heads && Width % heads == 0
        ? heads
        : throw From.Wrong("vision.attention.head_count", heads, $"a divisor of {Width}, the embedding length");

    /// <summary>Layers.</summary>
    public int Layers => From.Count("vision.block_count");

    /// <summary>Whether norms take off the mean.</summary>
    public bool Centred { get; init; } = true;

    /// <summary>Rotary positions; null for none.</summary>
    public Rope? Rope { get; init; }

    /// <summary>Which layers see only their window; null for none.</summary>
    public Func<int, bool> Windowed { get; init; } = _ => false;

    /// <summary>The function of feed-forward blocks.</summary>
    public Nonlinearity Function => From.File.FindFlag("use_gelu") ?? false ? Nonlinearity.Gelu
        : From.File.FindFlag("use_silu") ?? false ? Nonlinearity.Silu
        : Nonlinearity.GeluQuick;

    /// <summary>A number of the vision part; the given one where the file has none.</summary>
    public int Count(string key, int otherwise) => From.File.FindInt("vision." + key) is { } value
        ? value > 0 ? value : throw From.Wrong("vision." + key, value, "at least 1")
        : otherwise;

    /// <summary>A norm.</summary>
    public Norm Norm(string name) => FindNorm(name) ?? throw From.Absent(name + ".weight");

    /// <summary>A norm, if it is there.</summary>
    public Norm? FindNorm(string name) => From.FindVector(name + ".weight") is { } gain
        ? new(gain, From.File.Float("vision.attention.layer_norm_epsilon"), Centred, From.FindVector(name + ".bias", gain.Length))
        : null;

    /// <summary>Pixels to vectors.</summary>
    public PatchEmbedding Patches()
    {
        float[]? bias = From.FindVector("v.patch_embd.bias", Width);
        Linear first = new(Kernel("v.patch_embd.weight"), bias);
        Linear[] products = From.Has("v.patch_embd.weight.1") ? [first, new(Kernel("v.patch_embd.weight.1"))] : [first];
        return new(Patch, products, Colours("image_mean"), Colours("image_std"));
    }

    /// <summary>Learned positions of a square of patches, and how a view of another size is given them.</summary>
    /// <param name="corners">Whether corners lie on corners.</param>
    /// <exception cref="InvalidDataException">They are no square.</exception>
    public (Weight Positions, PositionStretch Stretch) Stretched(bool corners)
    {
        Weight positions = From.Weight("v.position_embd.weight", columns: Width);
        int side = (int)Math.Sqrt(positions.Rows);
        return side * side == positions.Rows
            ? (positions, new(side, corners))
            : throw new InvalidDataException($"Tensor 'v.position_embd.weight' of '{From.File.Path}' has {positions.Rows} rows; expected a square number, a row for each patch of a square.");
    }

    /// <summary>The layers.</summary>
    /// <param name="count">How many.</param>
    public Layer[] Stack(int count) => [.. Enumerable.Range(0, count).Select(Layer)];

    private Layer Layer(int layer)
    {
        string at = $"v.blk.{layer}.";
        int size = Width / Heads;
        Linear qkv = From.FindLinear(at + "attn_qkv", 3 * Width, Width) ?? Linear.Stack(
            From.Linear(at + "attn_q", Width, Width), From.Linear(at + "attn_k", Width, Width), From.Linear(at + "attn_v", Width, Width));
        var attention = new GroupedAttention(
            qkv, From.Linear(at + "attn_out", Width, Width), Heads, new HeadShape(Heads, size, size),
            new AttentionRule(1 / MathF.Sqrt(size), Causal: false) { Parted = Windowed(layer) }, Rope,
            FindNorm(at + "attn_q_norm"), FindNorm(at + "attn_k_norm"));
        return new(Added(at, "1", attention), Added(at, "2", FeedForward(at)));
    }

    private Step Added(string at, string number, Block block) => From.FindVector($"{at}ls{number}.weight", Width) is { } gain
        ? new GainedResidual(Norm($"{at}ln{number}"), block, gain)
        : new Residual(Norm($"{at}ln{number}"), block);

    private Block FeedForward(string at)
    {
        Linear up = From.Linear(at + "ffn_up"), down = From.Linear(at + "ffn_down");
        if (up.Inputs != Width)
            (up, down) = (down, up);   // so named in the first files
        if (up.Inputs != Width || down.Outputs != Width || down.Inputs != up.Outputs)
            throw new InvalidDataException($"Tensors '{at}ffn_up.weight' and '{at}ffn_down.weight' of '{From.File.Path}' do not go from {Width} features and back.");
        return From.FindLinear(at + "ffn_gate", up.Outputs, Width) is { } gate
            ? new GatedFeedForward(Linear.Stack(gate, up), down, Function)
            : new FeedForward(up, down, Function);
    }

    /// <summary>A convolution whose steps are as long as its kernel, as a matrix: a row of 3 · patch · patch for each feature.</summary>
    private Weight Kernel(string name)
    {
        StoredTensor tensor = From.Take(name) ?? throw From.Absent(name);
        int columns = 3 * Patch * Patch;
        return tensor.Rows * tensor.Columns == (long)Width * columns && tensor.BlockFormat.BlockLength == 1
            ? new(name, tensor.BlockFormat, Width, columns, tensor.Bytes(), From.Opening)
            : throw new InvalidDataException(
                $"Tensor '{name}' of '{From.File.Path}' has {tensor.Rows * tensor.Columns} values in {tensor.Format}; the metadata ask for {Width}×{columns} floats.");
    }

    private float[] Colours(string key)
    {
        float[] values = [.. (From.File.Metadata.FindArray("clip.vision." + key)?.Numbers() ?? []).Select(value => (float)value)];
        return values.Length >= 3 && values.Take(3).All(value => float.IsFinite(value) && (key != "image_std" || value > 0))
            ? values[..3]
            : throw From.Wrong("vision." + key, $"[{string.Join(", ", values)}]", "three numbers, deviations above 0");
    }
}
