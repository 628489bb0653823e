using System.Runtime.InteropServices;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Adapters;

public class AdapterFileTests
{
    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 24).Select(i => (i * 37) % TinyModel.Vocabulary)];

    [Theory]
    [InlineData("a", 0.75f)]
    [InlineData("c", 0.6f)]
    public void Logits_are_those_of_llama_cpp(string name, float scale)
    {
        var fixture = new Fixture("gemma2-dense");
        using var runs = new Runs(fixture.Model);
        var adaptation = TinyAdapter.Fit(Golden.Path($"adapters/{name}.gguf"), runs);
        float[] expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Golden.Path($"adapters/{name}.logits")))[(3 + fixture.Tokens.Length)..].ToArray();
        float[][] got = runs.Logits(fixture.Tokens, 7, AdaptationSet.Of([new(adaptation, scale)]));
        Assert.True(AdaptationTests.Error([expected], got) < 1e-6);
        Assert.True(fixture.Error(got) > 1e-4);
    }

    [Theory]
    [InlineData("llama", false)]
    [InlineData("qwen2", true)]
    public void A_folder_of_peft_is_the_same_adapter(string architecture, bool stable)
    {
        using var folder = new TemporaryFolder();
        using var runs = new Runs(TinyModelTests.Dense(architecture).Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary).File());
        var tiny = new TinyAdapter(runs.File) { Alpha = 6 }.Change(4, "attn_q.", "attn_k.", "attn_v.", "ffn_down", "token_embd");
        string gguf = tiny.Write(folder["a.gguf"]), peft = Peft(folder["peft"], tiny, runs, stable ? 3 : 6, stable);
        Assert.Equal(
            runs.Logits(s_tokens, 24, AdaptationSet.Of([new(TinyAdapter.Fit(gguf, runs))])),
            runs.Logits(s_tokens, 24, AdaptationSet.Of([new(TinyAdapter.Fit(peft, runs))])));
        File.WriteAllText(folder["peft/adapter_config.json"], """{"peft_type":"LORA","r":4,"lora_alpha":6,"rank_pattern":{"mlp.down_proj":8}}""");
        Assert.Contains("has rank 4", Refusal<InvalidDataException>(peft, runs), StringComparison.Ordinal);
        File.WriteAllText(folder["peft/adapter_config.json"], """{"peft_type":"LORA","r":4,"lora_alpha":6,"use_dora":true}""");
        Assert.Contains("use_dora", Refusal<InvalidDataException>(peft, runs), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using var folder = new TemporaryFolder();
        using var runs = new Runs(TinyModelTests.Dense("llama").File());
        const string name = "blk.0.attn_q.weight";
        TinyAdapter Some(string? architecture = null) => new TinyAdapter(runs.File, architecture: architecture).Change(3, name);
        Assert.Contains("architecture 'qwen3'", Refusal<InvalidDataException>(Some("qwen3").Write(folder["1"]), runs), StringComparison.Ordinal);
        Assert.Contains("without 'blk.0.attn_q.weight.lora_b'", Refusal<InvalidDataException>(Some().Without(name + ".lora_b").Write(folder["2"]), runs), StringComparison.Ordinal);
        Assert.Contains("is 3×63; 'tiny.gguf' asks for 3×64", Refusal<InvalidDataException>(Some().Add(name + ".lora_a", [63, 3]).Write(folder["3"]), runs), StringComparison.Ordinal);
        Assert.Contains("differ in rank", Refusal<InvalidDataException>(Some().Add(name + ".lora_a", [64, 4]).Write(folder["4"]), runs), StringComparison.Ordinal);
        Assert.Contains("does not have", Refusal<InvalidDataException>(Some().Add("blk.9.x.lora_a", [64, 3]).Add("blk.9.x.lora_b", [3, 64]).Write(folder["5"]), runs), StringComparison.Ordinal);
        Assert.Contains("known: lora", Refusal<NotSupportedException>(Some().Write(folder["6"], kind: "ia3"), runs), StringComparison.Ordinal);
        Assert.Contains("no number", Refusal<InvalidDataException>(Spoiled(Some().Write(folder["7"])), runs), StringComparison.Ordinal);
        Assert.Contains("no part of a low-rank change", Refusal<NotSupportedException>(Some().Add("blk.0.attn_norm.weight", [64]).Write(folder["8"]), runs), StringComparison.Ordinal);
        Assert.Contains("has 63 values; expected 64", Refusal<InvalidDataException>(new TinyAdapter(runs.File).Add("direction.1", [63]).WriteVector(folder["9"]), runs), StringComparison.Ordinal);
        Assert.Contains("behind no layer", Refusal<InvalidDataException>(new TinyAdapter(runs.File).Add("direction.2", [64]).WriteVector(folder["10"]), runs), StringComparison.Ordinal);
        Assert.Contains("expected 'adapter'", Refusal<InvalidDataException>(Fixture.PathOf("gemma2-dense.gguf"), runs), StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => TinyAdapter.Fit(folder["none.gguf"], runs));
    }

    /// <summary>Makes the last value of a file no number.</summary>
    private static string Spoiled(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        BitConverter.TryWriteBytes(bytes.AsSpan(^4..), float.NaN);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static string Refusal<T>(string path, Runs runs)
        where T : Exception => Assert.Throws<T>(() => TinyAdapter.Fit(path, runs)).Message;

    /// <summary>The same adapter as PEFT would write it: its own names, rows of queries and keys by halves, the embedding's A turned.</summary>
    private static string Peft(string folder, TinyAdapter tiny, Runs runs, double alpha, bool stable)
    {
        Directory.CreateDirectory(folder);
        List<SafetensorsWriter.Entry> tensors = [];
        foreach ((string ours, string theirs) in ((string, string)[])
            [("attn_q", "self_attn.q_proj"), ("attn_k", "self_attn.k_proj"), ("attn_v", "self_attn.v_proj"), ("ffn_down", "mlp.down_proj")])
        {
            for (int layer = 0; layer < 2; layer++)
            {
                string name = $"blk.{layer}.{ours}.weight", module = $"base_model.model.model.layers.{layer}.{theirs}";
                float[] a = tiny.Values(name + ".lora_a"), b = tiny.Values(name + ".lora_b");
                if (runs.File.Architecture == "llama" && ours is ("attn_q" or "attn_k"))
                    b = Halves(b, 4, ours == "attn_q" ? TinyModel.Heads : TinyModel.KeyHeads);
                tensors.Add(new($"{module}.lora_A.weight", "F32", [4, a.Length / 4], MemoryMarshal.AsBytes(a.AsSpan()).ToArray()));
                tensors.Add(new($"{module}.lora_B.weight", "F32", [b.Length / 4, 4], MemoryMarshal.AsBytes(b.AsSpan()).ToArray()));
            }
        }

        float[] table = tiny.Values("token_embd.weight.lora_a"), up = tiny.Values("token_embd.weight.lora_b");
        float[] turned = [.. Enumerable.Range(0, 4).SelectMany(rank => Enumerable.Range(0, TinyModel.Vocabulary).Select(token => table[(token * 4) + rank]))];
        tensors.Add(new("base_model.model.model.embed_tokens.lora_embedding_A", "F32", [4, TinyModel.Vocabulary], MemoryMarshal.AsBytes(turned.AsSpan()).ToArray()));
        tensors.Add(new("base_model.model.model.embed_tokens.lora_embedding_B", "F32", [TinyModel.Width, 4], MemoryMarshal.AsBytes(up.AsSpan()).ToArray()));
        SafetensorsWriter.Write(Path.Combine(folder, "adapter_model.safetensors"), tensors);
        File.WriteAllText(
            Path.Combine(folder, "adapter_config.json"),
            $$"""{"peft_type":"LORA","r":9,"lora_alpha":1,"rank_pattern":{".*":4},"alpha_pattern":{"layers\\.\\d+\\.\\w+\\.\\w+|embed_tokens|.*":{{alpha}}},"use_rslora":{{(stable ? "true" : "false")}}}""");
        return folder;
    }

    /// <summary>Rows of each head from adjacent pairs to halves.</summary>
    private static float[] Halves(float[] values, int columns, int heads)
    {
        float[][] rows = [.. values.Chunk(columns)];
        int size = rows.Length / heads;
        return [.. Enumerable.Range(0, rows.Length).SelectMany(row => rows[(row / size * size) + (row % size % (size / 2) * 2) + (row % size / (size / 2))])];
    }
}
