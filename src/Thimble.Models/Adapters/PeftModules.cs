using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>The names of a family's modules in PEFT's folders, and the order of rows there.</summary>
/// <param name="family">The family.</param>
/// <param name="model">The model.</param>
/// <param name="path">The folder, for messages.</param>
internal sealed class PeftModules(Family family, ModelFile model, string path)
{
    /// <summary>GGUF's name of a module's weight, and what happens to it on the way.</summary>
    /// <param name="module">PEFT's name.</param>
    /// <param name="tensor">The tensor that names it, for messages.</param>
    /// <exception cref="NotSupportedException">There is no such matrix of its own.</exception>
    public (Change Change, string Full) Place(string module, string tensor)
    {
        (TensorName name, string[] names, int _, int? stack) = FolderTensors.Place(module + ".weight", family)
            ?? throw new NotSupportedException($"Tensor '{tensor}' of '{path}' has no place in architecture '{family.Architecture}'.");
        return stack is null && name.Change != Change.PartThirds && name.Make is null
            ? (name.Change, names[0])
            : throw new NotSupportedException($"Tensor '{tensor}' of '{path}' changes a part of '{names[0]}', or that in another order; known: changes of whole matrices. Convert the adapter to GGUF first.");
    }

    /// <summary>PEFT's name of a weight's module, and what happens to it on the way here.</summary>
    /// <param name="weight">GGUF's name.</param>
    /// <exception cref="NotSupportedException">It is no matrix of its own there.</exception>
    public (Change Change, string Module) Module(string weight)
    {
        string bare = weight.EndsWith(".weight", StringComparison.Ordinal) ? weight[..^".weight".Length] : weight, layer = "";
        string[] parts = bare.Split('.');
        if (parts is ["blk", var number, ..])
            (layer, parts[1]) = (number, "#");
        string pattern = string.Join('.', parts);
        TensorName row = Array.Find(family.Tensors, row => row.Ours == pattern && !row.Theirs.Contains('@', StringComparison.Ordinal) && row.Change != Change.PartThirds)
            ?? throw new NotSupportedException($"'{weight}' is no matrix of its own in folders of architecture '{family.Architecture}', so PEFT has no name for it. Save the adapter as GGUF, or choose other targets.");
        return (row.Change, (row.Theirs.StartsWith("lm_head", StringComparison.Ordinal) ? "" : family.Prefix) + row.Theirs.Replace("#", layer, StringComparison.Ordinal));
    }

    /// <summary>Whether keys of heads are kept in adjacent pairs here and by halves there.</summary>
    public bool PairsKeys => Array.Exists(family.Tensors, row => row.Change == Change.PairKeys);

    /// <summary>Heads whose rows change places; 0 where none do.</summary>
    public int Heads(Change change) => change switch
    {
        Change.PairQueries => model.Int("attention.head_count"),
        Change.PairKeys => model.FindInt("attention.head_count_kv") ?? model.Int("attention.head_count"),
        _ => 0,   // matrices that lie the other way round have parts that do not
    };

    /// <summary>A tensor whose rows are the outputs of a weight, in our order.</summary>
    public StoredTensor Rows(StoredTensor stored, Change change) => Heads(change) is > 0 and var heads ? Rearranged.Paired(stored, heads) : stored;

    /// <summary>A matrix whose columns are the outputs of a weight, in our order.</summary>
    public StoredTensor Columns(StoredTensor stored, Change change) =>
        Heads(change) is > 0 and var heads ? Rearranged.Turned(Rearranged.Paired(Rearranged.Turned(stored), heads)) : stored;

    /// <summary>Numbers in stretches that follow the outputs of a weight, from our order to theirs.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="heads">Heads; 0 for no change.</param>
    /// <param name="outputs">Outputs of the weight.</param>
    /// <param name="stretch">Numbers of one output that lie together: 1 where outputs are columns.</param>
    public static float[] Parted(float[] values, int heads, int outputs, int stretch)
    {
        if (heads == 0)
            return values;
        float[] parted = new float[values.Length];
        int half = outputs / heads / 2, whole = outputs * stretch;
        for (int from = 0; from < values.Length; from += stretch)
        {
            (int block, int row) = ((from / whole * whole), from % whole / stretch);
            (int head, int within) = Math.DivRem(row, 2 * half);
            int to = (head * 2 * half) + (within % 2 * half) + (within / 2);
            values.AsSpan(from, stretch).CopyTo(parted.AsSpan(block + (to * stretch)));
        }

        return parted;
    }
}
