using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>Makes a reranker of a folder of Qwen3-Reranker, whose head answers "yes" or "no": the two rows of its head are a head of two classes.</summary>
/// <remarks>Only the folder's README tells such a model from others of its family. Source: Zhang et al., "Qwen3 Embedding", 2025, section 2, for
/// head and prompt; llama.cpp, <c>conversion/qwen.py</c>, for how it is told.</remarks>
internal static class RerankHead
{
    private const string Title = "Qwen3-Reranker", Classes = "cls.output.weight";
    private const int LongestReadme = 1 << 20;

    private const string Prompt =
        "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n"
        + "<|im_start|>user\n<Instruct>: Given a web search query, retrieve relevant passages that answer the query\n<Query>: {query}\n<Document>: {document}<|im_end|>\n"
        + "<|im_start|>assistant\n<think>\n\n</think>\n\n";

    /// <summary>Adds the head, unless the folder has one, and what else makes a reranker.</summary>
    /// <param name="metadata">Receives the keys; the tokens are in it.</param>
    /// <param name="tensors">Receives the head.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InvalidDataException">The vocabulary lacks one of the two answers.</exception>
    public static void AddTo(Metadata metadata, List<StoredTensor> tensors, string folder)
    {
        string readme = Path.Combine(folder, "README.md");
        if (!File.Exists(readme) || new FileInfo(readme).Length > LongestReadme || !File.ReadAllText(readme).Contains(Title, StringComparison.Ordinal))
            return;
        metadata.Set("qwen3.pooling_type", 4L);
        if (metadata.FindText("tokenizer.chat_template.rerank") is null)
            metadata.Set("tokenizer.chat_template.rerank", Prompt);
        if (tensors.Exists(tensor => tensor.Name == Classes))
            return;

        string[] tokens = metadata.FindArray("tokenizer.ggml.tokens")!.Texts();
        StoredTensor head = tensors.Find(tensor => tensor.Name == "output.weight") ?? tensors.Find(tensor => tensor.Name == "token_embd.weight")!;
        long[] rows = [Row("yes"), Row("no")];
        tensors.Add(Computed.Tensor(Classes, BlockFormats.Named("F32"), [head.Columns, rows.Length], memory =>
        {
            int length = checked((int)head.BlockFormat.RowBytes(head.Columns)), width = (int)head.Columns;
            for (int i = 0; i < rows.Length; i++)
                head.BlockFormat.Decode(head.Bytes().Slice(rows[i] * length, length), memory.Floats.Slice(i * width, width));
        }));

        long Row(string answer) => Array.IndexOf(tokens, answer) is >= 0 and var id && id < head.Rows
            ? id
            : throw new InvalidDataException($"'{folder}' is a reranker by its README, but its vocabulary has no token '{answer}' to answer with.");
    }
}
