using Thimble.Lab.Quantize;

namespace Thimble.Tests.Lab.Quantize;

public class MixesTests
{
    private static readonly ListedModel[] s_models = ListedModel.Read(Golden.Path("quantize-types/types.txt"));

    public static TheoryData<string> Models => [.. s_models.Select(model => model.Name)];

    [Theory, MemberData(nameof(Models))]
    public void Each_tensor_gets_the_format_that_llama_cpp_gives_it(string name)
    {
        ListedModel model = Array.Find(s_models, model => model.Name == name)!;
        Assert.True(model.Mixes.Count > 30);
        foreach (ListedMix mix in model.Mixes)
        {
            var recipe = new Recipe(model.File, Mixes.Named(mix.Name), new() { Importance = mix.Weighted ? new ImportanceMatrix("listed") : null });
            string[] wrong = [.. mix.Formats.Where(pair => recipe.For(model.File.Tensor(pair.Key)).Format.Name != pair.Value)
                .Select(pair => $"{pair.Key}: {recipe.For(model.File.Tensor(pair.Key)).Format}, expected {pair.Value}")];
            Assert.True(wrong.Length == 0, $"{mix.Name}{(mix.Weighted ? ", weighted" : "")}: {string.Join("; ", wrong)}");
        }
    }

    [Fact]
    public void Types_are_known_by_name_and_number_once()
    {
        string[] names = [.. Mixes.Known.SelectMany(mix => mix.Aliases.Prepend(mix.Name))];
        Assert.Equal(names.Distinct(StringComparer.OrdinalIgnoreCase), names);
        int[] numbers = [.. Mixes.Known.Select(mix => mix.FileType).OfType<int>()];
        Assert.Equal(numbers.Distinct(), numbers);
        Assert.Equal(("Q4_K_M", 15), (Mixes.Named("q4_k").Name, Mixes.Named("Q4_K_M").FileType));
    }

    [Fact]
    public void An_unknown_type_lists_the_known_ones()
    {
        string message = Assert.Throws<ArgumentException>(() => Mixes.Named("Q4_K_XXL")).Message;
        Assert.Contains("Q4_K_M", message, StringComparison.Ordinal);
        Assert.Contains("IQ4_XS", message, StringComparison.Ordinal);
        Assert.DoesNotContain("I32", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_decide_before_the_mix()
    {
        ListedModel model = Array.Find(s_models, model => model.Name == "Mistral-7B")!;
        var options = new QuantizeOptions { HeadType = "Q8_0", EmbeddingType = "F16", TensorTypes = [new("blk\\.[01]\\.ffn_down", "Q5_0"), new("ffn_", "IQ4_XS")] };
        var recipe = new Recipe(model.File, Mixes.Named("Q4_K_M"), options);
        Assert.Equal(("Q8_0", "F16"), (Format("output.weight"), Format("token_embd.weight")));
        Assert.Equal(("Q5_0", "IQ4_XS"), (Format("blk.1.ffn_down.weight"), Format("blk.2.ffn_down.weight")));
        Assert.Equal(("Q6_K", "Q4_K"), (Format("blk.0.attn_v.weight"), Format("blk.0.attn_q.weight")));

        string Format(string name) => recipe.For(model.File.Tensor(name)).Format.Name;
    }

    [Fact]
    public void Pure_gives_the_base_to_all_matrices_and_a_kept_head_stays()
    {
        ListedModel model = Array.Find(s_models, model => model.Name == "Mistral-7B")!;
        var recipe = new Recipe(model.File, Mixes.Named("Q3_K_M"), new() { Pure = true, KeepHead = true });
        foreach (string name in (string[])["token_embd.weight", "blk.0.attn_v.weight", "blk.31.ffn_down.weight"])
            Assert.Equal("Q3_K", recipe.For(model.File.Tensor(name)).Format.Name);
        Assert.Equal("F16", recipe.For(model.File.Tensor("output.weight")).Format.Name);
    }

    [Fact]
    public void A_pattern_that_cannot_be_read_is_refused()
    {
        var options = new QuantizeOptions { TensorTypes = [new("ffn_(", "Q5_0")] };
        Assert.Contains("'ffn_('", Assert.Throws<ArgumentException>(() => new Recipe(s_models[0].File, Mixes.Named("Q4_0"), options)).Message, StringComparison.Ordinal);
    }
}
