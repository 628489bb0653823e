using Thimble.Models.Files;

namespace Thimble.Lab.Quantize;

/// <summary>What a mix asks of a model.</summary>
internal sealed record Traits
{
    /// <summary>The architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>Layers, those that only predict further tokens included.</summary>
    public required int Layers { get; init; }

    /// <summary>Experts of a layer; 0 for none.</summary>
    public required int Experts { get; init; }

    /// <summary>Heads that share a key and value; 0 where it is not told.</summary>
    public required int HeadsPerKey { get; init; }

    /// <summary>Whether the embedding's table also scores the vocabulary.</summary>
    public required bool IsTied { get; init; }

    /// <summary>Whether importances are given.</summary>
    public bool IsWeighted { get; init; }

    /// <summary>Whether it is a Falcon.</summary>
    public bool IsFalcon => Architecture == "falcon";

    /// <summary>Whether it is of the shape of Llama 2 70B, whose values are an eighth of its queries.</summary>
    public bool IsSeventyBillion => Architecture is "llama" or "qwen2" && Layers == 80 && HeadsPerKey != 1;

    /// <summary>The traits of a model.</summary>
    public static Traits Of(ModelFile file, bool isWeighted)
    {
        string architecture = file.Metadata.FindText("general.architecture") ?? "";
        int heads = First("attention.head_count"), keys = First("attention.head_count_kv", heads);
        return new()
        {
            Architecture = architecture,
            Layers = First("block_count"),
            Experts = First("expert_count"),
            HeadsPerKey = keys > 0 ? heads / keys : 0,
            IsTied = !file.TryGetTensor("output.weight", out _),
            IsWeighted = isWeighted,
        };

        // Some models say it for each layer; the first speaks for all.
        int First(string key, int missing = 0) => !file.Metadata.TryGet($"{architecture}.{key}", out object? value)
            ? missing
            : value switch
            {
                long number => (int)number,
                MetadataArray { Count: > 0 } each => (int)each.Integers()[0],
                _ => missing,
            };
    }
}
