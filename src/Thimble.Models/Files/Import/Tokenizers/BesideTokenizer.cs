namespace Thimble.Models.Files;

/// <summary>The tokenizer of an int4 model: a Hugging Face JSON file beside it, byte-level BPE, whose id 0 starts and ends a text.</summary>
internal static class BesideTokenizer
{
    /// <summary>Reads it and adds the <c>tokenizer.ggml</c> keys.</summary>
    /// <param name="metadata">Receives them.</param>
    /// <param name="modelPath">The model.</param>
    /// <param name="vocabulary">Its ids.</param>
    /// <exception cref="InvalidDataException">There is none, or it has another vocabulary.</exception>
    internal static void AddTo(Metadata metadata, string modelPath, int vocabulary)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath)) ?? "";
        string[] names = [$"tokenizer-{vocabulary}.json", "tokenizer.json"];
        string path = names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidDataException(
                $"'{modelPath}' needs its tokenizer beside it: looked for {string.Join(" and ", names.Select(name => $"'{name}'"))} in '{folder}'.");

        ForeignVocabulary.AddTo(metadata, path, vocabulary);
        metadata.Set("tokenizer.ggml.bos_token_id", 0L);
        metadata.Set("tokenizer.ggml.eos_token_id", 0L);
        metadata.Set("tokenizer.ggml.add_bos_token", true);
        metadata.Set("tokenizer.ggml.add_eos_token", false);
    }
}
