using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>Adapters in folders as Hugging Face PEFT writes them: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
/// <remarks>Rows of B are rearranged as the family's own rows are. Source: PEFT, <c>tuners/lora/config.py</c> and <c>layer.py</c>, for the
/// fields; Kalajdzievski, "A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA", 2023, for <c>use_rslora</c>; Liu et al.,
/// "DoRA", 2024, for <c>use_dora</c>.</remarks>
internal static partial class PeftAdapter
{
    private const string Config = "adapter_config.json", Tensors = "adapter_model.safetensors", Lengths = "lora_magnitude_vector";

    private static readonly string[] s_unknown = ["lora_bias", "use_qalora"];

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
        var family = Family.OfArchitecture(folder, model.Architecture);
        var modules = new PeftModules(family, model, weights.Path);
        AdapterFile read = (config.FindText("peft_type") ?? "LORA") switch
        {
            "LORA" => LowRank(folder, config, weights, modules),
            "BOTTLENECK" => PeftBottleneck.Read(folder, config, weights, modules),
            "PREFIX_TUNING" or "PROMPT_TUNING" or "P_TUNING" => PeftLead.Read(folder, config, weights, modules),
            var kind => throw new NotSupportedException($"'{config.Path}': 'peft_type' is '{kind}'; known: BOTTLENECK, LORA, P_TUNING, PREFIX_TUNING, PROMPT_TUNING."),
        };
        return read with { Architecture = family.Architecture, Base = BaseOf(config) };
    }

    /// <summary>The model that a folder says it was trained on.</summary>
    private static ModelHash? BaseOf(JsonFile config)
    {
        return config.FindObject("thimble_base") is { } named ? new(Text("layout"), Text("content"), Text("small")) : null;

        string Text(string field) => named.FindText(field) is { Length: >= 12 } text
            ? text
            : throw new InvalidDataException($"'{named.Path}' has no text '{field}' of at least 12 letters.");
    }

    private static AdapterFile LowRank(string folder, JsonFile config, Safetensors weights, PeftModules modules)
    {

        if (Array.Find(s_unknown, field => config.FindFlag(field) == true) is { } unknown)
            throw new NotSupportedException($"'{config.Path}': '{unknown}' is true; only false is known.");
        if (config.FindElement("layer_replication") is not null)
            throw new NotSupportedException($"'{config.Path}': 'layer_replication' is set; only null is known.");

        bool measured = config.FindFlag("use_dora") == true;
        List<LowRankPair> pairs = [];
        foreach (SafeTensor a in weights.Tensors)
        {
            if (measured && a.Name.Contains(Lengths, StringComparison.Ordinal))
                continue;
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
            Invocation = [.. (config.FindIntegers("alora_invocation_tokens") ?? []).Select(token => checked((int)token))],
            Pairs = pairs,
        };

        LowRankPair Pair(string module, SafeTensor a, SafeTensor b)
        {
            (Change change, string full) = modules.Place(module, a.Name);
            bool embeds = a.Name.Contains("lora_embedding_", StringComparison.Ordinal);
            if (a.Shape.Count != 2 || b.Shape.Count != 2)
                throw new InvalidDataException($"Tensor '{a.Name}' of '{weights.Path}' has shape [{string.Join(", ", a.Shape)}] and its partner [{string.Join(", ", b.Shape)}]; expected matrices.");
            double rank = Number(config, "rank_pattern", module) ?? config.FindNumber("r") ?? throw new InvalidDataException($"'{config.Path}' has no field 'r'.");
            double alpha = Number(config, "alpha_pattern", module) ?? config.FindNumber("lora_alpha") ?? throw new InvalidDataException($"'{config.Path}' has no field 'lora_alpha'.");
            if (rank != a.Shape[0])
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"Tensor '{a.Name}' of '{weights.Path}' has rank {a.Shape[0]}; '{config.Path}' says {rank}."));

            StoredTensor first = a.Stored(full + ".lora_a"), second = modules.Rows(b.Stored(full + ".lora_b"), change);
            double factor = alpha / (config.FindFlag("use_rslora") == true ? Math.Sqrt(rank) : rank);
            return new(full, embeds ? Rearranged.Turned(first) : first, second, (float)factor) { Magnitude = measured ? Magnitude(module, full, change) : null };
        }

        StoredTensor Magnitude(string module, string full, Change change)
        {
            foreach (string name in (string[])[$"base_model.model.{module}.{Lengths}", $"base_model.model.{module}.{Lengths}.weight", $"{module}.{Lengths}"])
            {
                if (weights.TryGet(name, out SafeTensor? lengths))
                    return modules.Rows(lengths.Stored(full + ".lengths"), change);
            }

            throw new InvalidDataException($"'{weights.Path}' has no tensor 'base_model.model.{module}.{Lengths}', which 'use_dora' asks for.");
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
