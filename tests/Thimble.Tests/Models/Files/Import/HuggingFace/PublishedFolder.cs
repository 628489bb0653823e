using System.Text.Json.Nodes;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>A random model written as its family's folders are published: the way back from GGUF, told independently of the reader.</summary>
/// <param name="ClassName">As config.json names it.</param>
/// <param name="Model">The model.</param>
internal sealed record PublishedFolder(string ClassName, TinyModel Model)
{
    /// <summary>GGUF's names and the published ones; # stands for the layer, @ for an expert.</summary>
    public required (string Ours, string Theirs)[] Names { get; init; }

    /// <summary>Fields of config.json beside the sizes.</summary>
    public required JsonObject Fields { get; init; }

    /// <summary>Whether query and key rows are paired in GGUF.</summary>
    public bool Paired { get; init; }

    /// <summary>Whether gains are stored less one.</summary>
    public bool LessOne { get; init; }

    /// <summary>Writes the folder.</summary>
    public Scratch Write(ModelFile file)
    {
        var recipe = FolderRecipe.Gated(ClassName);
        recipe.Config["hidden_size"] = TinyModel.Width;
        recipe.Config["intermediate_size"] = TinyModel.Wide;
        recipe.Config["num_hidden_layers"] = Model.Layers;
        recipe.Config["vocab_size"] = TinyModel.Vocabulary;
        recipe.Config["max_position_embeddings"] = 256;
        recipe.Config["rope_theta"] = 10000.0;
        recipe.Config["rms_norm_eps"] = 1e-5;
        foreach ((string field, JsonNode? value) in Fields)
            recipe.Config[field] = value?.DeepClone();
        Scratch folder = recipe.Write();
        SafetensorsWriter.Write(folder["model.safetensors"], [.. file.Tensors.SelectMany(Entries)]);
        return folder;
    }

    private IEnumerable<SafetensorsWriter.Entry> Entries(StoredTensor tensor)
    {
        string[] parts = tensor.Name.Split('.');
        string layer = parts[0] == "blk" ? parts[1] : "", end = "." + parts[^1];
        string ours = parts[0] == "blk" ? parts[2] : parts[0];
        string theirs = Names.Single(name => name.Ours == ours).Theirs.Replace("#", layer, StringComparison.Ordinal) + end;
        float[] values = Back(ours, tensor);
        if (!theirs.Contains('@', StringComparison.Ordinal))
            return [Entry(theirs, [.. tensor.Shape.Reverse()], values)];
        return values.Chunk(values.Length / (int)tensor.Shape[2]).Select((part, expert) =>
            Entry(theirs.Replace("@", $"{expert}", StringComparison.Ordinal), [tensor.Shape[1], tensor.Shape[0]], part));
    }

    private float[] Back(string ours, StoredTensor tensor)
    {
        float[] values = tensor.Values();
        int width = tensor.Shape.Count == 1 ? 1 : TinyModel.Width;
        if (LessOne && ours.EndsWith("norm", StringComparison.Ordinal))
            return [.. values.Select(value => value - 1)];
        if (Paired && ours is "attn_q" or "attn_k" && Paired)
            return [.. values.Chunk(width).Chunk(TinyModel.Size).SelectMany(head => head.Where((_, i) => i % 2 == 0).Concat(head.Where((_, i) => i % 2 == 1))).SelectMany(row => row)];
        if (ClassName == "GPTNeoXForCausalLM" && ours == "attn_qkv")
        {
            float[][][] heads = [.. values.Chunk(width).Chunk(TinyModel.Size)];   // all queries, all keys, all values
            return [.. Enumerable.Range(0, TinyModel.Heads).SelectMany(head => new[] { head, TinyModel.Heads + head, (2 * TinyModel.Heads) + head })
                .SelectMany(at => heads[at]).SelectMany(row => row)];
        }

        return values;
    }

    private static SafetensorsWriter.Entry Entry(string name, long[] shape, float[] values) =>
        new(name, "F32", shape, (byte[])[.. values.SelectMany(BitConverter.GetBytes)]);
}
