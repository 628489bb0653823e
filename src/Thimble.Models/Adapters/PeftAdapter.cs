using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>Adapters in folders as Hugging Face PEFT writes them: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
/// <remarks>Rows of B are rearranged as the family's own rows are. Source: PEFT, <c>tuners/lora/config.py</c> and <c>layer.py</c>, for the
/// fields; Kalajdzievski, "A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA", 2023, for <c>use_rslora</c>.</remarks>
internal static partial class PeftAdapter
{
    private const string Config = "adapter_config.json", Tensors = "adapter_model.safetensors";

    private static readonly string[] s_unknown = ["use_dora", "lora_bias", "use_qalora"];

    /// <summary>Whether a path is such a folder.</summary>
    public static bool Recognises(string path) => File.Exists(Path.Combine(path, Config));

    /// <summary>Opens its tensors.</summary>
    /// <exception cref="FileNotFoundException">They are not there.</exception>
    public static Safetensors Weights(string folder)
    {
        string path = Path.Combine(folder, Tensors);
        return File.Exists(path) ? Safetensors.Open(path) : throw new FileNotFoundException($"'{folder}' has no file '{Tensors}'.", path);
    }

    /// <summary>Reads one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="weights">Its tensors.</param>
    /// <param name="model">The model it is for.</param>
    /// <exception cref="InvalidDataException">A field or tensor is missing or contradicts another.</exception>
    /// <exception cref="NotSupportedException">It is of a kind, or for an architecture, that is unknown.</exception>
    public static AdapterFile Read(string folder, Safetensors weights, ModelFile model)
    {
        var config = JsonFile.Read(Path.Combine(folder, Config));
        if (config.FindText("peft_type") is { } kind && kind != "LORA")
            throw new NotSupportedException($"'{config.Path}': 'peft_type' is '{kind}'; known: LORA.");
        if (Array.Find(s_unknown, field => config.FindFlag(field) == true) is { } unknown)
            throw new NotSupportedException($"'{config.Path}': '{unknown}' is true; only false is known.");
        if (config.FindElement("layer_replication") is not null)
            throw new NotSupportedException($"'{config.Path}': 'layer_replication' is set; only null is known.");

        var family = Family.OfArchitecture(folder, model.Architecture);
        List<LowRankPair> pairs = [];
        foreach (SafeTensor a in weights.Tensors)
        {
            if (Part.Match(a.Name) is not { Success: true } part)
                throw new NotSupportedException($"Tensor '{a.Name}' of '{weights.Path}' is no part of a low-rank change; known: MODULE.lora_A.weight, lora_B and lora_embedding_A, _B.");
            string partner = $"{part.Groups["before"]}{(part.Groups["side"].Value == "A" ? "B" : "A")}{part.Groups["after"]}";
            if (!weights.TryGet(partner, out SafeTensor? b))
                throw new InvalidDataException($"'{weights.Path}' has tensor '{a.Name}' without '{partner}'.");
            if (part.Groups["side"].Value == "A")
                pairs.Add(Pair(part.Groups["module"].Value, a, b));
        }

        return new(folder)
        {
            Architecture = family.Architecture,
            Invocation = [.. (config.FindIntegers("alora_invocation_tokens") ?? []).Select(token => checked((int)token))],
            Pairs = pairs,
        };

        LowRankPair Pair(string module, SafeTensor a, SafeTensor b)
        {
            (TensorName name, string[] names, int _, int? stack) = FolderTensors.Place(module + ".weight", family)
                ?? throw new NotSupportedException($"Tensor '{a.Name}' of '{weights.Path}' has no place in architecture '{family.Architecture}'.");
            string full = names[0];
            if (stack is not null || name.Change == Change.PartThirds || name.Make is not null)
                throw new NotSupportedException($"Tensor '{a.Name}' of '{weights.Path}' changes a part of '{full}', or that in another order; known: changes of whole matrices. Convert the adapter to GGUF first.");
            bool embeds = a.Name.Contains("lora_embedding_", StringComparison.Ordinal);
            if (a.Shape.Count != 2 || b.Shape.Count != 2)
                throw new InvalidDataException($"Tensor '{a.Name}' of '{weights.Path}' has shape [{string.Join(", ", a.Shape)}] and its partner [{string.Join(", ", b.Shape)}]; expected matrices.");
            double rank = Number(config, "rank_pattern", module) ?? config.FindNumber("r") ?? throw new InvalidDataException($"'{config.Path}' has no field 'r'.");
            double alpha = Number(config, "alpha_pattern", module) ?? config.FindNumber("lora_alpha") ?? throw new InvalidDataException($"'{config.Path}' has no field 'lora_alpha'.");
            if (rank != a.Shape[0])
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"Tensor '{a.Name}' of '{weights.Path}' has rank {a.Shape[0]}; '{config.Path}' says {rank}."));

            StoredTensor first = a.Stored(full + ".lora_a"), second = b.Stored(full + ".lora_b");
            second = name.Change switch
            {
                Change.PairQueries => Rearranged.Paired(second, model.Int("attention.head_count")),
                Change.PairKeys => Rearranged.Paired(second, model.FindInt("attention.head_count_kv") ?? model.Int("attention.head_count")),
                _ => second,   // matrices that lie the other way round have parts that do not
            };
            double factor = alpha / (config.FindFlag("use_rslora") == true ? Math.Sqrt(rank) : rank);
            return new(full, embeds ? Rearranged.Turned(first) : first, second, (float)factor);
        }
    }

    /// <summary>The number of the first pattern that a module's name ends in.</summary>
    private static double? Number(JsonFile config, string field, string module)
    {
        foreach (JsonProperty entry in config.FindObject(field)?.Fields() ?? [])
        {
            try
            {
                if (Regex.IsMatch(module, $@"^(.*\.)?({entry.Name})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant))
                    return entry.Value.TryGetDouble(out double value) ? value : null;
            }
            catch (Exception damage) when (damage is ArgumentException or NotSupportedException or InvalidOperationException)
            {
                throw new InvalidDataException($"'{config.Path}': '{entry.Name}' of '{field}' is no pattern with a number.", damage);
            }
        }

        return null;
    }

    /// <summary>A tensor's name: module, kind and side.</summary>
    [GeneratedRegex(@"^(?<before>(base_model\.model\.)?(?<module>.+?)\.(lora_|lora_embedding_))(?<side>[AB])(?<after>(\.default)?(\.weight)?)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Part { get; }
}
