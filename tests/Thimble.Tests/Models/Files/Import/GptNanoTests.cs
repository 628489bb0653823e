using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

public class GptNanoTests
{
    [Fact]
    public void Model_has_the_names_of_gpt2()
    {
        using ModelFile file = GptNano.Open();
        Assert.Equal((3, 3, 48, 11, 3), (file.Int("block_count"), file.Int("attention.head_count"), file.Int("embedding_length"), file.Int("context_length"), file.Int("vocab_size")));
        Assert.Equal(3 + 2 + (3 * 12), file.Tensors.Count);
        Assert.Equal([48L, 144], file.Tensor("blk.2.attn_qkv.weight").Shape);
        Assert.Equal([192L, 48], file.Tensor("blk.0.ffn_down.weight").Shape);
    }

    /// <summary>Embedding, first norm and head are enough to know that names, shapes and order are right.</summary>
    [Fact]
    public void Weights_give_the_first_and_the_last_step()
    {
        using ModelFile file = GptNano.Open();
        var partials = new GptNanoPartials();
        float[] tokens = file.Vector("token_embd.weight"), positions = file.Vector("position_embd.weight"), head = file.Vector("output.weight");
        int[][] ids = partials.Ids;
        for (int i = 0; i < 33; i++)
        {
            ReadOnlySpan<float> x = partials.Values("x").AsSpan(48 * i, 48), last = partials.Values("ln_f").AsSpan(48 * i, 48);
            for (int j = 0; j < 48; j++)
                Assert.Equal(tokens[(48 * ids[i / 11][i % 11]) + j] + positions[(48 * (i % 11)) + j], x[j], 1e-5f);
            for (int token = 0; token < 3; token++)
                Assert.Equal(Dot(head.AsSpan(48 * token, 48), last), partials.Values("lm_head")[(3 * i) + token], 1e-4f);
        }
    }

    [Fact]
    public void Matrices_give_the_steps_of_layer_0()
    {
        using ModelFile file = GptNano.Open();
        var partials = new GptNanoPartials();
        float[] qkv = file.Vector("blk.0.attn_qkv.weight"), bias = file.Vector("blk.0.attn_qkv.bias");
        for (int i = 0; i < 33; i++)
        {
            for (int row = 0; row < 144; row++)
            {
                float product = Dot(qkv.AsSpan(48 * row, 48), partials.Values("ln1").AsSpan(48 * i, 48)) + bias[row];
                Assert.Equal(product, partials.Values("qkv")[(144 * i) + row], 1e-4f);
            }
        }
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return (float)sum;
    }
}
