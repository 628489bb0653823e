using System.Text.Json.Nodes;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Files.Import;

public class HuggingFaceFolderTests
{
    [Fact]
    public void Llama_has_its_keys_and_all_its_tensors()
    {
        using Scratch folder = FolderRecipe.Gated("LlamaForCausalLM").Write();
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal("llama", file.Architecture);
        Assert.Equal((16, 24, 2, 4, 2, 64, 8, 4), (file.Int("embedding_length"), file.Int("feed_forward_length"), file.Int("block_count"), file.Int("attention.head_count"),
            file.Int("attention.head_count_kv"), file.Int("context_length"), file.Int("vocab_size"), file.Int("rope.dimension_count")));
        Assert.Equal((500000f, 1e-6f), (file.Float("rope.freq_base"), file.Float("attention.layer_norm_rms_epsilon")));
        Assert.Equal(3 + (2 * 9), file.Tensors.Count);
        Assert.Equal([24L, 16], file.Tensor("blk.1.ffn_down.weight").Shape);
        Assert.Equal([16L, 8], file.Tensor("output.weight").Shape);
    }

    /// <summary>Adjacent rows 2i and 2i + 1 of a head of four must be the rows i and i + 2 that rotate together in the folder.</summary>
    [Theory]
    [InlineData("LlamaForCausalLM", "q", true)]
    [InlineData("MistralForCausalLM", "k", true)]
    [InlineData("Qwen2ForCausalLM", "q", false)]
    [InlineData("Qwen3ForCausalLM", "k", false)]
    public void Query_and_key_rows_are_paired_where_GGUF_rotates_pairs(string className, string which, bool paired)
    {
        var recipe = FolderRecipe.Gated(className, biases: true, norms: className.StartsWith("Qwen3", StringComparison.Ordinal));
        using Scratch folder = recipe.Write();
        using var file = ModelFile.Open(folder.Folder);
        float[][] theirs = [.. recipe.Values($"model.layers.1.self_attn.{which}_proj.weight").Chunk(16)];
        float[][] ours = [.. file.Vector($"blk.1.attn_{which}.weight").Chunk(16)];
        float[] bias = recipe.Values($"model.layers.1.self_attn.{which}_proj.bias"), ourBias = file.Vector($"blk.1.attn_{which}.bias");
        for (int row = 0; row < ours.Length; row++)
        {
            int from = paired ? (row / 4 * 4) + new[] { 0, 2, 1, 3 }[row % 4] : row;
            Assert.Equal(theirs[from], ours[row]);
            Assert.Equal(bias[from], ourBias[row]);
        }
    }

    [Fact]
    public void Format_is_kept_but_vectors_become_floats()
    {
        var recipe = FolderRecipe.Gated("Qwen3ForCausalLM", "BF16", norms: true);
        using Scratch folder = recipe.Write();
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal(("BF16", "F32", 32L), (file.Tensor("blk.0.attn_q.weight").Format, file.Tensor("blk.0.attn_q_norm.weight").Format, file.Metadata.FindInteger("general.file_type")));
        Assert.Equal(recipe.Values("model.layers.0.self_attn.q_norm.weight"), file.Vector("blk.0.attn_q_norm.weight"));
        Assert.Equal(recipe.Values("model.layers.0.mlp.up_proj.weight"), file.Vector("blk.0.ffn_up.weight"));
    }

    [Fact]
    public void Paired_bfloat16_rows_keep_their_values()
    {
        using Scratch floats = FolderRecipe.Gated("LlamaForCausalLM").Write(), halves = FolderRecipe.Gated("LlamaForCausalLM", "BF16").Write();
        using ModelFile wide = ModelFile.Open(floats.Folder), narrow = ModelFile.Open(halves.Folder);
        foreach (StoredTensor tensor in wide.Tensors)
            Assert.Equal(tensor.Values(), narrow.Vector(tensor.Name));
    }

    [Fact]
    public void Tied_head_is_left_out()
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Config["tie_word_embeddings"] = true;
        using Scratch folder = recipe.Write();
        using var file = ModelFile.Open(folder.Folder);
        Assert.False(file.TryGetTensor("output.weight", out _));
    }

    [Theory]
    [InlineData("transformer.")]
    [InlineData("")]
    public void Gpt2_matrices_are_turned(string prefix)
    {
        var recipe = FolderRecipe.Gpt2(prefix);
        using Scratch folder = recipe.Write();
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal([16L, 48], file.Tensor("blk.0.attn_qkv.weight").Shape);
        Assert.Equal([64L, 16], file.Tensor("blk.0.ffn_down.weight").Shape);
        Assert.Equal([16L, 64], file.Tensor("position_embd.weight").Shape);
        float[] theirs = recipe.Values(prefix + "h.0.attn.c_attn.weight"), ours = file.Vector("blk.0.attn_qkv.weight");
        for (int output = 0; output < 48; output++)
        {
            for (int input = 0; input < 16; input++)
                Assert.Equal(theirs[(input * 48) + output], ours[(output * 16) + input]);
        }

        Assert.Equal((64, 4, 4, 1e-5f), (file.Int("feed_forward_length"), file.Int("attention.head_count"), file.Int("attention.head_count_kv"), file.Float("attention.layer_norm_epsilon")));
        Assert.Null(file.FindFloat("rope.freq_base"));
    }

    [Fact]
    public void Llama3_stretching_becomes_divisors()
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Config["head_dim"] = 4;
        recipe.Config["rope_theta"] = 100.0;
        recipe.Config["rope_scaling"] = new JsonObject
        {
            ["rope_type"] = "llama3",
            ["factor"] = 8.0,
            ["low_freq_factor"] = 1.0,
            ["high_freq_factor"] = 4.0,
            ["original_max_position_embeddings"] = 100,
        };
        using Scratch folder = recipe.Write();
        using var file = ModelFile.Open(folder.Folder);
        double smooth = ((100 / (2 * Math.PI * 10)) - 1) / 3;   // wavelength 20π lies between 25 and 100
        Assert.Equal([1f, (float)(1 / (((1 - smooth) / 8) + smooth))], file.Vector("rope_freqs.weight"));
        Assert.Equal(4, file.Int("attention.key_length"));
    }

    [Fact]
    public void Yarn_and_linear_stretching_become_keys()
    {
        var recipe = FolderRecipe.Gated("Qwen2ForCausalLM");
        recipe.Config["rope_scaling"] = new JsonObject { ["type"] = "yarn", ["factor"] = 4.0, ["original_max_position_embeddings"] = 32, ["beta_fast"] = 24 };
        using (Scratch folder = recipe.Write())
        using (var file = ModelFile.Open(folder.Folder))
        {
            Assert.Equal(("yarn", 4f, 32, 24f), (file.FindText("rope.scaling.type"), file.Float("rope.scaling.factor"),
                file.Int("rope.scaling.original_context_length"), file.Float("rope.scaling.yarn_beta_fast")));
        }

        recipe.Config["rope_scaling"] = new JsonObject { ["rope_type"] = "linear", ["factor"] = 2 };
        using (Scratch folder = recipe.Write())
        using (var file = ModelFile.Open(folder.Folder))
            Assert.Equal(("linear", 2f), (file.FindText("rope.scaling.type"), file.Float("rope.scaling.factor")));

        recipe.Config["rope_scaling"] = new JsonObject { ["rope_type"] = "spiral", ["factor"] = 2 };
        using Scratch strange = recipe.Write();
        Assert.Contains("'spiral' is unknown; known: default, linear, llama3, longrope, yarn", Assert.Throws<NotSupportedException>(() => ModelFile.Open(strange.Folder)).Message);
    }

    [Fact]
    public void Long_stretching_becomes_two_sets_of_divisors()
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Config["original_max_position_embeddings"] = 16;
        recipe.Config["rope_scaling"] = new JsonObject { ["type"] = "longrope", ["short_factor"] = new JsonArray(1.0, 1.5), ["long_factor"] = new JsonArray(2.0, 4.0) };
        using Scratch folder = recipe.Write();
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal([1f, 1.5f], file.Vector("rope_factors_short.weight"));
        Assert.Equal([2f, 4f], file.Vector("rope_factors_long.weight"));
        Assert.Equal((16, (float)Math.Sqrt(1.5)), (file.Int("rope.scaling.original_context_length"), file.Float("rope.scaling.attn_factor")));
        recipe.Config["rope_scaling"]!["long_factor"] = new JsonArray(2.0);
        using Scratch few = recipe.Write();
        Assert.Contains("'long_factor' has 1 numbers; expected 2", Assert.Throws<InvalidDataException>(() => ModelFile.Open(few.Folder)).Message);
    }

    [Fact]
    public void Several_ends_and_the_template_are_kept()
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Generation = new() { ["eos_token_id"] = new JsonArray(2, 7), ["bos_token_id"] = 0 };
        recipe.Settings = new() { ["eos_token"] = new JsonObject { ["content"] = "<turn>" }, ["add_bos_token"] = true, ["chat_template"] = "{{ messages }}" };
        using Scratch folder = recipe.Write();
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal((0L, 7L, true, "{{ messages }}"), (file.Metadata.FindInteger("tokenizer.ggml.bos_token_id"), file.Metadata.FindInteger("tokenizer.ggml.eos_token_id"),
            file.Metadata.FindFlag("tokenizer.ggml.add_bos_token"), file.Metadata.FindText("tokenizer.chat_template")));
        Assert.Equal([2L, 7], file.Metadata.FindArray("tokenizer.ggml.eos_token_ids")!.Integers());
        Assert.Equal(["a b", "ab c"], file.Metadata.FindArray("tokenizer.ggml.merges")!.Texts());
    }

    [Fact]
    public void Makers_ways_of_sampling_are_kept()
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Generation = new() { ["temperature"] = 0.6, ["top_k"] = 20, ["top_p"] = 0.95, ["do_sample"] = true };
        using Scratch folder = recipe.Write();
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal((0.6, 20L, 0.95), (file.Metadata.FindNumber("general.sampling.temp"), file.Metadata.FindInteger("general.sampling.top_k"), file.Metadata.FindNumber("general.sampling.top_p")));
        Assert.Null(file.Metadata.FindNumber("general.sampling.min_p"));
    }

    [Fact]
    public void Named_templates_and_the_template_s_file_are_kept()
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Settings = new()
        {
            ["chat_template"] = new JsonArray(new JsonObject { ["name"] = "default", ["template"] = "old" }, new JsonObject { ["name"] = "tool_use", ["template"] = "tools" }),
        };
        using Scratch folder = recipe.Write();
        folder.Write("chat_template.jinja", "new");
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal(("new", "tools"), (file.Metadata.FindText("tokenizer.chat_template"), file.Metadata.FindText("tokenizer.chat_template.tool_use")));
    }

    [Fact]
    public void SentencePiece_is_taken_where_there_is_no_JSON()
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Config["vocab_size"] = 512;
        using Scratch folder = recipe.Write();
        File.Delete(folder["tokenizer.json"]);
        Assert.Contains("looked for 'tokenizer.json' and 'tokenizer.model'", Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder.Folder)).Message);
        File.Copy(Golden.Path("stories260K/tok512.model"), folder["tokenizer.model"]);
        using var file = ModelFile.Open(folder.Folder);
        Assert.Equal(("llama", 2L), (file.Metadata.FindText("tokenizer.ggml.model"), file.Metadata.FindInteger("tokenizer.ggml.eos_token_id")));
    }

    [Fact]
    public void Written_as_GGUF_it_is_the_same_model()
    {
        using Scratch folder = FolderRecipe.Gated("LlamaForCausalLM", "BF16").Write();
        using var file = ModelFile.Open(folder.Folder);
        GgufWriter.Write(folder["out.gguf"], file.Metadata, [.. file.Tensors.Select(TensorSource.Copy)]);
        using var written = ModelFile.Open(folder["out.gguf"]);
        Assert.Equal(file.Metadata.Keys, written.Metadata.Keys);
        foreach (StoredTensor tensor in file.Tensors)
            Assert.Equal((tensor.Format, tensor.Values()), (written.Tensor(tensor.Name).Format, written.Vector(tensor.Name)), (a, b) => a.Format == b.Format && a.Item2.SequenceEqual(b.Item2));
    }

    [Fact]
    public void Unknown_architecture_lists_the_known_ones()
    {
        using Scratch folder = FolderRecipe.Gated("MysteryForCausalLM").Write();
        string message = Assert.Throws<NotSupportedException>(() => ModelFile.Open(folder.Folder)).Message;
        Assert.Contains("'MysteryForCausalLM' is unknown; known: ApertusForCausalLM, BertForMaskedLM, BertForSequenceClassification, BertModel, BitNetForCausalLM", message);
    }

    [Theory]
    [InlineData("LlamaForCausalLM", "model.layers.0.self_attn.rotary_emb.inv_freq")]
    [InlineData("MistralForCausalLM", "model.layers.1.self_attn.rotary_emb.inv_freq")]
    public void Tensors_that_no_model_needs_are_left_aside(string className, string name)
    {
        using Scratch folder = FolderRecipe.Gated(className).Add(name, 2).Write();
        using var model = new Runs(folder.Folder);
        Assert.Equal(21, model.File.Tensors.Count);
    }

    [Fact]
    public void Missing_and_homeless_tensors_are_named()
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Remove("model.layers.1.mlp.up_proj.weight");
        using (Scratch folder = recipe.Write())
            Assert.Contains("no tensor 'model.layers.1.mlp.up_proj.weight'", Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder.Folder)).Message);

        recipe.Add("model.layers.1.mlp.up_proj.weight", 24, 16).Add("model.layers.1.self_attn.sinks", 4);
        using Scratch strange = recipe.Write();
        Assert.Contains("'model.layers.1.self_attn.sinks' has no place", Assert.Throws<NotSupportedException>(() => ModelFile.Open(strange.Folder)).Message);
    }

    [Theory]
    [InlineData("hidden_size", 0)]
    [InlineData("hidden_size", 2_000_000_000)]
    [InlineData("num_hidden_layers", 1_000_000)]
    [InlineData("num_attention_heads", 3)]
    [InlineData("num_key_value_heads", -1)]
    [InlineData("vocab_size", "many")]
    public void Absurd_field_is_named(string field, object value)
    {
        var recipe = FolderRecipe.Gated("LlamaForCausalLM");
        recipe.Config[field] = JsonValue.Create(value);
        using Scratch folder = recipe.Write();
        Assert.Contains("config.json", Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder.Folder)).Message);
    }

    [Theory]
    [InlineData("config.json", "{")]
    [InlineData("config.json", "[]")]
    [InlineData("config.json", "{}")]
    [InlineData("tokenizer.json", "{}")]
    [InlineData("tokenizer.json", """{"model":{"vocab":{"a":99}}}""")]
    [InlineData("generation_config.json", """{"eos_token_id":[1,99]}""")]
    public void Damaged_file_is_named(string name, string content)
    {
        using Scratch folder = FolderRecipe.Gated("LlamaForCausalLM").Write();
        folder.Write(name, content);
        Assert.Contains(name, Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder.Folder)).Message);
    }

    [Fact]
    public void Missing_weights_are_named()
    {
        using Scratch folder = FolderRecipe.Gated("LlamaForCausalLM").Write();
        File.Delete(folder["model.safetensors"]);
        Assert.Contains("model.safetensors", Assert.Throws<FileNotFoundException>(() => ModelFile.Open(folder.Folder)).Message);
    }
}
