using Thimble.Compute.Memory;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.LlmCad;

public class LayerStreamTests
{
    private static readonly int[] s_prompt = [1, 403, 407, 261, 378];

    [Fact]
    public void Layers_from_disk_write_the_text_of_layers_in_memory()
    {
        int[] expected = Write(long.MaxValue, out LayerStreamCount all);
        Assert.Equal((0, 5), (all.Bytes, all.Resident));
        foreach (long budget in (long[])[0, 1, 2])
        {
            Assert.Equal(expected, Write(Least + (budget * Least / 2), out LayerStreamCount some));
            Assert.Equal(budget, some.Resident);
            Assert.True(some.Held <= Least + (budget * Least / 2) && some.Bytes > 20 * (5 - some.Resident) * Least / 3);
        }
    }

    [Fact]
    public void A_budget_below_two_layers_says_what_would_do()
    {
        CapacityException refusal = Assert.Throws<CapacityException>(() => Write(Least - 1, out _));
        Assert.Equal((Least, Least - 1), (refusal.Needed, refusal.Available));
        Assert.Contains($"at least {Least} bytes are needed", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Twice a layer of the story model.</summary>
    private static long Least
    {
        get
        {
            using var file = ModelFile.Open(Golden.Path("stories260K/stories260K.bin"));
            return 2 * file.Tensors.Where(tensor => tensor.Name.StartsWith("blk.0.", StringComparison.Ordinal)).Sum(tensor => (tensor.Length + 4095) / 4096 * 4096);
        }
    }

    private static int[] Write(long budget, out LayerStreamCount count)
    {
        string path = Path.GetTempFileName();
        using var file = ModelFile.Open(Golden.Path("stories260K/stories260K.bin"));
        var tokenizer = Tokenizer.From(file.Metadata);
        using var stream = new LayerStream(file, path, budget, 256, Precision.Floats);
        using var desk = new Desk(stream.Decoder, tokenizer);
        int[] text = desk.Write(s_prompt, 24, SamplingOptions.Greedy);
        count = new(stream.BytesRead, stream.ResidentLayers, stream.BytesHeld);
        return text;
    }

    private readonly record struct LayerStreamCount(long Bytes, int Resident, long Held);
}
