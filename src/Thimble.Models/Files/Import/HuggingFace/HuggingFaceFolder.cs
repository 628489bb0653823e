using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Thimble.Models.Files;

/// <summary>A model's folder as Hugging Face lays it out: config.json, safetensors, tokenizer.</summary>
/// <remarks>
/// <para>Number formats are kept, but vectors become F32, exactly. A head that is the embedding again is left out, as GGUF
/// does. A tensor the family's table does not name is refused: a model that lacks a part of itself talks nonsense.</para>
/// <para>Source: llama.cpp, <c>conversion/base.py</c>, for the keys.</para>
/// </remarks>
internal static class HuggingFaceFolder
{
    private const string Config = "config.json";

    [ModuleInitializer]
    internal static void Register() => ModelFiles.AddFolder("Hugging Face", Recognises, Open);

    /// <summary>Whether a folder is one.</summary>
    internal static bool Recognises(string folder) => File.Exists(Path.Combine(folder, Config));

    /// <summary>Opens one.</summary>
    /// <exception cref="FileNotFoundException">A file of weights is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or a field, a tensor or the tokenizer is missing.</exception>
    /// <exception cref="NotSupportedException">The architecture, or a part of it, is unknown.</exception>
    internal static ModelFile Open(string folder)
    {
        var whole = JsonFile.Read(Path.Combine(folder, Config));
        var family = Family.Of(whole.Path, ClassName(whole));
        JsonFile config = whole.Inner("text_config", "llm_config");
        family = family.Variant?.Invoke(config) ?? family;
        var shape = ModelShape.Read(config, family);
        var weights = Safetensors.Open(folder);
        try
        {
            var taken = new FolderTensors(weights, family, shape, config);
            List<StoredTensor> tensors = taken.All(folder);
            var keys = new ArchitectureKeys(family.Architecture, folder, FileType(tensors));
            shape.AddTo(keys, config, family);
            PoolingFile.AddTo(keys, folder);
            family.Says?.Invoke(keys, new(shape, config, 0));
            taken.AddTo(keys.Metadata);
            if (family.Rotates)
                RopeParameters.AddTo(keys, tensors, config, family, shape);
            HuggingFaceTokenizer.AddTo(keys.Metadata, folder, config, shape.Vocabulary);
            if (family.Architecture == "qwen3")
                RerankHead.AddTo(keys.Metadata, tensors, folder);
            return new(folder, keys.Metadata, tensors, weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    internal static string ClassName(JsonFile config) =>
        config.FindElement("architectures") is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.String } first
            ? first.GetString()!
            : throw new InvalidDataException($"'{config.Path}' has no field 'architectures'.");

    /// <summary>ggml's number for the format of the largest tensor.</summary>
    private static int FileType(List<StoredTensor> tensors) => tensors.MaxBy(tensor => tensor.Length)?.Format switch
    {
        "F16" => 1,
        "BF16" => 32,
        _ => 0,
    };
}
