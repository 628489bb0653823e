using Thimble.Models.Files;

namespace Thimble.Tests.Cli;

public class RewritingTests
{
    /// <summary>A model small enough to be encoded in no time: rows of 64 and 172 values.</summary>
    private static string Tiny => Golden.Path("stories260K/stories260K.bin");

    private static string Stories => Path.Combine(Golden.Root, "models", "tinystories.gguf");

    [Fact]
    public async Task Converting_as_it_is_gives_the_same_bytes()
    {
        using var folder = new Models.TemporaryFolder();
        (int code, string text, string _) = await new ScriptedTerminal().Run("convert", Stories, "-o", folder["same.gguf"], "--type", "keep");
        Assert.Equal(0, code);
        Assert.Contains("45 Q4_0, 20 F32", text, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Stories), File.ReadAllBytes(folder["same.gguf"]));
    }

    [Fact]
    public async Task A_quantised_model_says_what_became_of_it_and_runs()
    {
        using var folder = new Models.TemporaryFolder();
        (int code, string text, string notes) = await new ScriptedTerminal().Run("quantize", Stories, folder["q.gguf"], "q8_0", "--allow-requantize");
        Assert.Equal((0, ""), (code, notes));
        Assert.Contains("44 Q8_0, 20 F32, 1 Q4_0", text, StringComparison.Ordinal);
        (int _, string story, string _) = await new ScriptedTerminal().Run("run", folder["q.gguf"], "Once upon", "-n", "4", "--temp", "0", "-t", "1");
        Assert.StartsWith("Once upon a time", story, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_is_no_whole_block_gets_another_format_by_name()
    {
        using var folder = new Models.TemporaryFolder();
        (int code, string _, string notes) = await new ScriptedTerminal().Run("quantize", Tiny, folder["q.gguf"], "Q4_K");
        Assert.Equal(0, code);
        Assert.Contains("its rows of 64 values are not whole Q4_K blocks of 256, so it is stored as Q5_0.", notes, StringComparison.Ordinal);
        using var file = ModelFile.Open(folder["q.gguf"]);
        Assert.Equal(("Q5_0", "F16"), (file.Tensor("blk.0.attn_q.weight").Format, file.Tensor("blk.0.ffn_down.weight").Format));
        Assert.Equal("F32", file.Tensor("blk.0.attn_norm.weight").Format);
        Assert.Equal((15, 2), (file.Metadata.FindInteger("general.file_type"), file.Metadata.FindInteger("general.quantization_version")));
    }

    [Fact]
    public async Task A_quantised_model_is_not_quantised_again_unasked()
    {
        using var folder = new Models.TemporaryFolder();
        (int code, string _, string notes) = await new ScriptedTerminal().Run("quantize", Stories, folder["q.gguf"], "Q4_K_M");
        Assert.Equal(2, code);
        Assert.Contains("is quantised already, as Q4_0", notes, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder[""]));
    }

    [Fact]
    public async Task Options_name_formats_by_tensor()
    {
        using var folder = new Models.TemporaryFolder();
        string[] args = ["quantize", Tiny, folder["q.gguf"], "Q4_0", "--tensor-type", "attn_v=Q5_1", "--tensor-type", "ffn_=F16", "--token-embedding-type", "Q8_0"];
        (int code, string _, string _) = await new ScriptedTerminal().Run(args);
        Assert.Equal(0, code);
        using var file = ModelFile.Open(folder["q.gguf"]);
        Assert.Equal(("Q5_1", "F16", "Q8_0"), (file.Tensor("blk.1.attn_v.weight").Format, file.Tensor("blk.1.ffn_up.weight").Format, file.Tensor("token_embd.weight").Format));
    }

    [Fact]
    public async Task The_head_is_finer_unless_told_otherwise()
    {
        using var folder = new Models.TemporaryFolder();
        (int _, string _, string notes) = await new ScriptedTerminal().Run("quantize", Tiny, folder["q.gguf"], "Q4_1", "--pure", "-t", "1");
        Assert.DoesNotContain("token_embd", notes, StringComparison.Ordinal);
        using var file = ModelFile.Open(folder["q.gguf"]);
        Assert.Equal("Q4_1", file.Tensor("token_embd.weight").Format);
    }

    [Fact]
    public async Task Formats_and_targets_that_cannot_be_are_refused()
    {
        using var folder = new Models.TemporaryFolder();
        string[][] refused =
        [
            ["quantize", Stories, folder["q.gguf"], "Q4_9"], ["quantize", Stories, folder["q.gguf"], "I8"], ["quantize", Stories, Stories, "Q8_0"],
            ["quantize", Stories, folder[""], "Q8_0"], ["convert", Stories, "-o", folder["no/such/q.gguf"]], ["quantize", Stories, folder["q.gguf"], "Q8_0", "-t", "0"],
            ["quantize", Tiny, folder["q.gguf"], "Q4_0", "--tensor-type", "ffn_down"], ["quantize", Tiny, folder["q.gguf"], "Q4_0", "--output-tensor-type", "I32"],
        ];
        foreach (string[] args in refused)
        {
            (int code, string _, string notes) = await new ScriptedTerminal().Run(args);
            Assert.Equal(2, code);
            Assert.StartsWith("error: ", notes, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFiles(folder[""]));
    }

    [Fact]
    public async Task A_model_of_another_kind_becomes_one_file()
    {
        using var folder = new Models.TemporaryFolder();
        (int code, string _, string notes) = await new ScriptedTerminal().Run("convert", Golden.Path("stories260K/stories260K.bin"), "-o", folder["s.gguf"], "--type", "F16");
        Assert.Equal((0, ""), (code, notes));
        using var file = ModelFile.Open(folder["s.gguf"]);
        Assert.Equal(("F16", "F32"), (file.Tensor("blk.0.attn_q.weight").Format, file.Tensor("blk.0.attn_norm.weight").Format));
    }
}
