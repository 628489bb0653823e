using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Peers.Files;

/// <summary>A byte-pair vocabulary of any size: the bytes, pairs of letters with their merges, and words nobody writes.</summary>
internal static class MadeUpVocabulary
{
    private const long Normal = 1, Control = 3;

    /// <summary>Writes it into a model's metadata.</summary>
    public static void Write(Metadata metadata, KnownShape shape)
    {
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(b => System.Text.Encoding.UTF8.GetString(ByteAlphabet.Encode([(byte)b])))];
        List<string> merges = [];
        foreach (char first in "abcdefghijklmnopqrstuvwxyz")
        {
            foreach (char second in "abcdefghijklmnopqrstuvwxyz")
            {
                tokens.Add($"{first}{second}");
                merges.Add($"{first} {second}");
            }
        }

        while (tokens.Count < shape.Vocabulary - 1)
            tokens.Add($"word{tokens.Count}");
        tokens.Add("<|endoftext|>");
        long[] kinds = [.. Enumerable.Repeat(Normal, tokens.Count - 1), Control];
        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", shape.Splitter);
        metadata.Add("tokenizer.ggml.tokens", MetadataArray.Of([.. tokens]));
        metadata.Add("tokenizer.ggml.token_type", MetadataArray.Of(kinds));
        metadata.Add("tokenizer.ggml.merges", MetadataArray.Of([.. merges]));
        metadata.Add("tokenizer.ggml.bos_token_id", (long)(tokens.Count - 1));
        metadata.Add("tokenizer.ggml.eos_token_id", (long)(tokens.Count - 1));
        metadata.Add("tokenizer.ggml.add_bos_token", false);
    }
}
