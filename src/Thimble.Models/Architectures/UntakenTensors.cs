using System.Globalization;

namespace Thimble.Models.Architectures;

/// <summary>Tensors of a file that its architecture took no notice of. A model without a part of itself talks nonsense and nobody sees why,
/// so a file that has one is refused, unless it is of a kind that is listed here with the reason why it does no harm.</summary>
internal static class UntakenTensors
{
    private const int Named = 5;   // in a message

    /// <summary>The kinds that are left aside.</summary>
    public static IReadOnlyList<SparedTensor> Spared { get; } =
    [
        new("factors", "llama.cpp reads such a factor beside any matrix and counts it where this build does; quantisers write it beside NVFP4, where it always counts",
            (from, name) => Beside(from, name, ".scale")),
        new("spans of inputs", "they help whoever rounds activations to four bits, which nobody does here", (from, name) => Beside(from, name, ".input_scale")),
        new("layers that predict further tokens", "they stand behind the last layer (nextn_predict_layers), and the model is whole without them",
            (from, name) => from.File.FindInt("nextn_predict_layers") > 0 && Layer(name) >= from.Layers),
        new("tables of angles", "of a short and a long one the context chooses, families that turn nothing need none, and the oldest files wrote down what is computed here",
            (_, name) => name is "rope_freqs.weight" or "rope_factors_long.weight" or "rope_factors_short.weight" || name.Contains(".attn_rot_embd", StringComparison.Ordinal)),
        new("heads of classes", "they count where pooling_type ranks", (from, name) => IsText(from) && name.StartsWith("cls.", StringComparison.Ordinal)),
        new("towers beside a text model", "what sees or hears is read from a projector file",
            (from, name) => IsText(from) && IsAny(name, "v.", "a.", "mm.")),
        new("towers that hear", "what hears is unknown here, and what sees is whole without it", (from, name) => !IsText(from) && IsAny(name, "a.", "mm.a.")),
        new("last layers of a tower", "projectors that are fed by an earlier layer need none behind it",
            (from, name) => !IsText(from) && name.StartsWith("v.blk.", StringComparison.Ordinal) && !from.Asked(Of(name, "ln1.weight"))),
        new("marks between parts of pictures", "as in llama.cpp, nothing tells lines of parts apart", (_, name) => name is "v.image_newline" or "v.view_seperator"),
        new("keys of layers that borrow them", "files hold what training left there", (from, name) => Is(from, "gemma3n") && Ends(name, "attn_k.weight", "attn_v.weight", "attn_k_norm.weight")),
        new("first values of the first layer", "it has none before it to mix them with", (from, name) => Is(from, "rwkv7", "arwkv7") && IsAny(name, "blk.0.time_mix_v0.", "blk.0.time_mix_v1.", "blk.0.time_mix_v2.")),
        new("the same matrices in another order", "the other form was taken", (from, name) =>
            (IsAny(Last(name), "ssm_in.") && from.Has(Of(name, "attn_qkv.weight"))) || (Ends(name, "attn_kv_b.weight") && from.Asked(Of(name, "attn_k_b.weight")) && from.Has(Of(name, "attn_k_b.weight")))),
        new("norms of keys alone", "llama.cpp counts them beside those of queries only", (from, name) => Is(from, "mpt") && IsAny(Last(name), "attn_k_norm.") && !from.Has(Of(name, "attn_q_norm.weight"))),
        new("distances between decoder and encoder", "T5 has no use for them", (from, name) => Is(from, "t5") && Ends(name, "cross_attn_rel_b.weight")),
    ];

    /// <summary>Refuses a file with a tensor that nobody took and that is of no listed kind.</summary>
    /// <param name="from">The file, after an architecture has taken what it knows.</param>
    /// <exception cref="InvalidDataException">There is one; the message names the first few and says how many there are.</exception>
    public static void Check(Blueprint from)
    {
        string[] unknown = [.. from.Untaken.Select(tensor => tensor.Name).Where(name => !Spared.Any(kind => kind.Covers(from, name)))];
        if (unknown.Length == 0)
            return;
        string first = string.Join(", ", unknown.Take(Named).Select(name => $"'{name}'")), rest = unknown.Length > Named ? $" and {unknown.Length - Named} more" : "";
        throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"'{from.File.Path}' has {unknown.Length} {(unknown.Length == 1 ? "tensor" : "tensors")} of which architecture '{from.File.Architecture}' knows nothing: {first}{rest}. "
            + $"Without them it would be another model; convert it anew under its own architecture, or open it with a build that knows this one."));
    }

    /// <summary>Whether a name is that of a matrix that was taken, but for its ending.</summary>
    private static bool Beside(Blueprint from, string name, string ending) =>
        name.EndsWith(ending, StringComparison.Ordinal) && name[..^ending.Length] + ".weight" is var matrix && from.Asked(matrix) && from.Has(matrix);

    private static bool IsText(Blueprint from) => !Is(from, "clip");

    private static bool Is(Blueprint from, params ReadOnlySpan<string> architectures) => architectures.Contains(from.File.Architecture);

    private static bool IsAny(string name, params ReadOnlySpan<string> beginnings)
    {
        foreach (string beginning in beginnings)
        {
            if (name.StartsWith(beginning, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static bool Ends(string name, params ReadOnlySpan<string> lasts) => lasts.Contains(Last(name));

    /// <summary>A name without its layer: <c>attn_q.weight</c> of <c>blk.3.attn_q.weight</c>.</summary>
    private static string Last(string name) => name[Start(name)..];

    /// <summary>The tensor of the same layer with another last name.</summary>
    private static string Of(string name, string last) => name[..Start(name)] + last;

    private static int Start(string name)
    {
        int at = name.IndexOf("blk.", StringComparison.Ordinal);
        return at < 0 ? 0 : name.IndexOf('.', at + 4) + 1;
    }

    private static int? Layer(string name) =>
        name.Split('.', 3) is ["blk", var number, _] && int.TryParse(number, CultureInfo.InvariantCulture, out int layer) ? layer : null;
}

/// <summary>A kind of tensor that does no harm where nobody takes it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Reason">Why it does none.</param>
/// <param name="Covers">Whether a tensor of this name is one.</param>
internal sealed record SparedTensor(string Kind, string Reason, Func<Blueprint, string, bool> Covers);
