using Thimble.Models.Architectures;
using Thimble.Models.Files;

namespace Thimble.Tests.Models.Architectures;

public class TensorSignsTests
{
    [Fact]
    public void Unknown_architecture_is_told_the_known_ones_and_its_blocks()
    {
        using ModelFile file = TinyModelTests.Dense("mamba7").Mixture().Gated("_shexp").Spaces(layer => layer == 1).Each("attn_kv_a_mqa.weight", TinyModel.Width, 8).File();
        string message = Assert.Throws<NotSupportedException>(() => Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, new()))).Message;
        Assert.Contains("'mamba7' is unknown; known: apertus, ", message);
        Assert.EndsWith(
            "Its tensors suggest that it needs: state space (Mamba) (blk.1.ssm_in.weight), latent attention (blk.0.attn_kv_a_mqa.weight), "
            + "shared experts (blk.0.ffn_gate_shexp.weight), mixture of experts (blk.1.ffn_gate_inp.weight), attention (blk.0.attn_q.weight), gated feed-forward (blk.0.ffn_gate.weight).",
            message);
    }

    [Fact]
    public void File_that_speaks_of_nothing_suggests_nothing()
    {
        using ModelFile file = new TinyModel("nothing").File();
        Assert.Empty(TensorSigns.Of(file.Tensors));
    }
}
