using Thimble.Compute.Kernels;
using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>Series and parallel adapters in PEFT's layout.</summary>
/// <remarks>Source: Hu et al., "LLM-Adapters", 2023, section 3, and its code's fork of PEFT for fields and tensor names: <c>bottleneck_size</c>,
/// <c>non_linearity</c>, <c>use_parallel_adapter</c>, <c>scaling</c>; <c>adapter_down</c>, <c>adapter_up</c>, <c>adapter_scaling</c>. Where a series adapter
/// stands before its weight, <c>thimble_place</c> says so; the fork decides by the weight's name.</remarks>
internal static class PeftBottleneck
{
    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">A tensor or field is missing.</exception>
    /// <exception cref="NotSupportedException">It is of an unknown kind.</exception>
    public static AdapterFile Read(string folder, JsonFile config, Safetensors weights, PeftModules modules)
    {
        const string down = ".adapter_down.weight", start = "base_model.model.";
        BottleneckPlace place = config.FindFlag("use_parallel_adapter") == true ? BottleneckPlace.Beside
            : config.FindText("thimble_place") == "before" ? BottleneckPlace.Before
            : BottleneckPlace.Behind;
        string function = config.FindText("non_linearity") ?? "tanh";
        float fixedScale = config.FindElement("scaling") is { ValueKind: System.Text.Json.JsonValueKind.Number } scaling ? scaling.GetSingle() : 1;
        List<BottleneckPair> pairs = [];
        foreach (SafeTensor tensor in weights.Tensors.Where(tensor => tensor.Name.EndsWith(down, StringComparison.Ordinal)))
        {
            string whole = tensor.Name[..^down.Length], module = whole.StartsWith(start, StringComparison.Ordinal) ? whole[start.Length..] : whole;
            if (!weights.TryGet(whole + ".adapter_up.weight", out SafeTensor? up))
                throw new InvalidDataException($"'{weights.Path}' has tensor '{tensor.Name}' without '{whole}.adapter_up.weight'.");
            (Change change, string full) = modules.Place(module, tensor.Name);
            float scale = weights.TryGet(whole + ".adapter_scaling", out SafeTensor? learnt) ? learnt.Values()[0] : fixedScale;
            StoredTensor narrow = tensor.Stored(full + ".adapter_down"), wide = up.Stored(full + ".adapter_up");
            pairs.Add(new(
                full, place == BottleneckPlace.Behind ? modules.Columns(narrow, change) : narrow,
                place == BottleneckPlace.Before ? wide : modules.Rows(wide, change), place, function, scale));
        }

        return pairs.Count > 0
            ? new(folder) { Bottlenecks = pairs }
            : throw new InvalidDataException($"'{weights.Path}' has no tensor 'MODULE{down}'.");
    }
}

/// <summary>The functions inside of bottlenecks.</summary>
internal static class BottleneckFunctions
{
    private static readonly SortedDictionary<string, Nonlinearity> s_known = new(StringComparer.Ordinal)
    {
        ["gelu"] = Nonlinearity.GeluErf,
        ["relu"] = Nonlinearity.Relu,
        ["silu"] = Nonlinearity.Silu,
        ["tanh"] = Nonlinearity.Tanh,
    };

    /// <summary>The function of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="source">Who asks, for the message.</param>
    /// <exception cref="NotSupportedException">It is unknown.</exception>
    public static Nonlinearity Named(string name, string source) => s_known.TryGetValue(name, out Nonlinearity? function)
        ? function
        : throw new NotSupportedException($"'{source}': the function '{name}' is unknown; known: {string.Join(", ", s_known.Keys)}.");
}
