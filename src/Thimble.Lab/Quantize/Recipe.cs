using System.Globalization;
using System.Text.RegularExpressions;
using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Lab.Quantize;

/// <summary>Which format each tensor of a model gets.</summary>
internal sealed class Recipe
{
    /// <summary>What stands in for formats whose blocks do not fill a row, the nearest in size first.</summary>
    private static readonly (string[] Formats, string StandIn)[] s_standIns =
    [
        (["IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_XS"], "IQ4_NL"),
        (["Q1_0", "Q2_0", "Q2_K", "Q3_K", "TQ1_0", "TQ2_0", "NVFP4"], "Q4_0"),
        (["Q4_K"], "Q5_0"),
        (["Q5_K"], "Q5_1"),
        (["Q6_K"], "Q8_0"),
    ];

    private readonly Dictionary<string, (BlockFormat Format, string? Note)> _formats = new(StringComparer.Ordinal);

    /// <summary>Decides for all tensors.</summary>
    /// <param name="file">The model.</param>
    /// <param name="mix">The mix asked for.</param>
    /// <param name="options">What is to be chosen otherwise.</param>
    /// <exception cref="ArgumentException">An option names an unknown format or a pattern that cannot be read.</exception>
    public Recipe(ModelFile file, Mix mix, QuantizeOptions options)
    {
        var model = Traits.Of(file, options.Importance is not null);
        StoredTensor[] matrices = [.. file.Tensors.Where(IsShrunk).OrderBy(tensor => Layer(tensor.Name)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)];
        var turn = new MixTurn(mix, model, file.Tensors.Count(tensor => Roles.Of(tensor.Name) == Role.Value));
        (Regex Name, BlockFormat Format)[] patterns = [.. options.TensorTypes.Select(Pattern)];
        BlockFormat? head = Asked(options.HeadType), embedding = Asked(options.EmbeddingType);
        var plain = BlockFormats.Named(mix.Base);
        foreach (StoredTensor tensor in matrices)
        {
            // The turn counts every tensor, also those that an option decides, so that one option does not move another tensor's layer.
            long parts = tensor.Shape.Skip(2).Aggregate(1L, (product, size) => product * size);
            string mixed = turn.Next(tensor.Name, parts, fits: tensor.Columns % plain.BlockLength == 0);
            BlockFormat? asked = Roles.Of(tensor.Name) switch
            {
                Role.Embedding => embedding ?? (model.IsTied ? head : null),
                Role.Head => head,
                _ => null,
            };
            asked ??= Array.Find(patterns, pattern => pattern.Name.IsMatch(tensor.Name)).Format;
            BlockFormat wanted = asked ?? (options.Pure || plain.BlockLength == 1 ? plain : BlockFormats.Named(mixed));
            BlockFormat format = options.KeepHead && Roles.Of(tensor.Name) == Role.Head ? tensor.BlockFormat : Fit(wanted, tensor.Columns);
            _formats[tensor.Name] = (format, format == wanted || format == tensor.BlockFormat
                ? null
                : $"its rows of {tensor.Columns} values are not whole {wanted} blocks of {wanted.BlockLength}, so it is stored as {format}");
        }
    }

    /// <summary>The format a tensor gets, and why where its row's length decided.</summary>
    public (BlockFormat Format, string? Note) For(StoredTensor tensor)
    {
        if (_formats.TryGetValue(tensor.Name, out (BlockFormat Format, string? Note) chosen))
            return chosen;
        BlockFormat stored = tensor.BlockFormat;
        return (tensor.Shape.Count(size => size > 1) < 2 && stored.Name is "F16" or "BF16" or "F64" ? BlockFormats.Named("F32") : stored, null);
    }

    private static bool IsShrunk(StoredTensor tensor) => tensor.Shape.Count(size => size > 1) >= 2 && Roles.IsShrunk(tensor.Name);

    private static BlockFormat Fit(BlockFormat wanted, long columns)
    {
        while (columns % wanted.BlockLength != 0)
            wanted = BlockFormats.Named(Array.Find(s_standIns, entry => entry.Formats.Contains(wanted.Name)).StandIn ?? "F16");
        return wanted;
    }

    private static (Regex Name, BlockFormat Format) Pattern(KeyValuePair<string, string> asked)
    {
        try
        {
            return (new Regex(asked.Key, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)), Named(asked.Value));
        }
        catch (RegexParseException e)
        {
            throw new ArgumentException($"Pattern '{asked.Key}' cannot be read: {e.Message} Expected a regular expression such as 'ffn_down|attn_v'.", nameof(asked), e);
        }
    }

    private static BlockFormat? Asked(string? name) => name is null ? null : Named(name);

    /// <summary>A format that can hold weights.</summary>
    private static BlockFormat Named(string name) => BlockFormats.Named(Mixes.Named(name).Base);

    private static int Layer(string name) =>
        name.Split('.') is ["blk", var number, ..] && int.TryParse(number, CultureInfo.InvariantCulture, out int layer) ? layer : -1;
}
