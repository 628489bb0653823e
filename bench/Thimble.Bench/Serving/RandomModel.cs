using System.Runtime.InteropServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Bench;

/// <summary>A model of half a billion random weights, with the small model's vocabulary: it writes nonsense as fast as one of its shape writes sense.</summary>
internal static class RandomModel
{
    private const int Width = 896, Layers = 24, Heads = 14, KeyHeads = 2, Wide = 4864, Vocabulary = 151_936, HeadSize = Width / Heads;
    private const string Format = "Q4_0";

    /// <summary>Makes it, in memory.</summary>
    public static ModelFile Make()
    {
        ModelFile small = DefaultModel.Open();
        var metadata = new Metadata();
        foreach (string key in small.Metadata.Keys.Where(key => key.StartsWith("tokenizer.", StringComparison.Ordinal)))
        {
            small.Metadata.TryGet(key, out object? value);
            metadata.Add(key, value!);
        }

        (string Key, object Value)[] facts =
        [
            ("general.architecture", "llama"), ("general.name", "random-0.5b"), ("llama.context_length", 2048L), ("llama.embedding_length", (long)Width), ("llama.block_count", (long)Layers),
            ("llama.feed_forward_length", (long)Wide), ("llama.attention.head_count", (long)Heads), ("llama.attention.head_count_kv", (long)KeyHeads),
            ("llama.attention.layer_norm_rms_epsilon", 1e-6), ("llama.rope.freq_base", 10000.0), ("llama.vocab_size", (long)Vocabulary),
        ];
        foreach ((string key, object value) in facts)
            metadata.Add(key, value);
        return new ModelFile("random-0.5b", metadata, [.. Tensors()], small);
    }

    private static IEnumerable<StoredTensor> Tensors()
    {
        yield return Weight("token_embd.weight", Width, Vocabulary);
        yield return Ones("output_norm.weight");
        for (int i = 0; i < Layers; i++)
        {
            string at = $"blk.{i}.";
            yield return Ones(at + "attn_norm.weight");
            yield return Weight(at + "attn_q.weight", Width, Width);
            yield return Weight(at + "attn_k.weight", Width, KeyHeads * HeadSize);
            yield return Weight(at + "attn_v.weight", Width, KeyHeads * HeadSize);
            yield return Weight(at + "attn_output.weight", Width, Width);
            yield return Ones(at + "ffn_norm.weight");
            yield return Weight(at + "ffn_gate.weight", Width, Wide);
            yield return Weight(at + "ffn_up.weight", Width, Wide);
            yield return Weight(at + "ffn_down.weight", Wide, Width);
        }
    }

    private static StoredTensor Ones(string name) => new(name, BlockFormats.Named("F32"), [Width], () =>
    {
        var memory = new Allocation(Width * sizeof(float));
        Span<byte> bytes = memory.Slice(0, Width * sizeof(float));
        MemoryMarshal.Cast<byte, float>(bytes).Fill(1);
        return memory.Region;
    });

    /// <summary>Random nibbles under one small scale.</summary>
    private static StoredTensor Weight(string name, long columns, long rows) => new(name, BlockFormats.Named(Format), [columns, rows], () =>
    {
        const int block = 18;
        int rowBytes = (int)(columns / 32 * block);
        var random = new Random(name.GetHashCode(StringComparison.Ordinal) & 0xFFFF);
        var memory = new Allocation(rows * rowBytes);
        byte[] row = new byte[rowBytes];
        for (long i = 0; i < rows; i++)
        {
            random.NextBytes(row);
            for (int at = 0; at < rowBytes; at += block)
                MemoryMarshal.Write(row.AsSpan(at), (Half)0.006f);
            row.CopyTo(memory.Slice(i * rowBytes, rowBytes));
        }

        return memory.Region;
    });
}
