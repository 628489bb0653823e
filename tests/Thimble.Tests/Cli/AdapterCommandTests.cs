using Thimble.Cli.Options;
using Thimble.Tests.Models;
using Thimble.Tests.Models.Adapters;

namespace Thimble.Tests.Cli;

public sealed class AdapterCommandTests : IDisposable
{
    private static readonly string s_model = Path.Combine(Golden.Root, "models", "tinystories.gguf");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_adapter_changes_the_text_as_much_as_its_scale_says()
    {
        string adapter = Write();
        string plain = await Text(), changed = await Text("--lora", adapter);
        Assert.NotEqual(plain, changed);
        Assert.Equal(changed, await Text("--lora-scaled", adapter, "1.0"));
        Assert.Equal(plain, await Text("--lora-scaled", adapter + ":0"));
        (int code, string _, string notes) = await new ScriptedTerminal().Run("run", "--lora-scaled", adapter, "Once upon");
        Assert.Equal(2, code);
        Assert.Contains("has no scale", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merged_model_tells_what_both_tell()
    {
        string adapter = Write(), merged = _folder["merged.gguf"];
        (int code, string _, string notes) = await new ScriptedTerminal().Run("convert", s_model, "-o", merged, "--lora", adapter);
        Assert.Equal(2, code);
        Assert.Contains("quantised already", notes, StringComparison.Ordinal);
        (code, _, _) = await new ScriptedTerminal().Run("convert", s_model, "-o", merged, "--lora", adapter, "--type", "F32", "--allow-requantize");
        Assert.Equal(0, code);
        (_, string beside, _) = await new ScriptedTerminal().Run("run", "-m", s_model, "Once upon", "-n", "12", "--temp", "0", "--exact", "--lora", adapter);
        (_, string inside, _) = await new ScriptedTerminal().Run("run", "-m", merged, "Once upon", "-n", "12", "--temp", "0", "--exact");
        Assert.Equal(beside, inside);
    }

    [Fact]
    public async Task An_adapter_is_explained()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("show", Write());
        Assert.Equal(0, code);
        foreach (string part in (string[])["adapter, lora", "architecture   ple", "alpha          24", "rank           3", "ffn_down ("])
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_of_a_prompt_is_no_scale()
    {
        Assert.Equal(["run", "--lora-scaled", "a:0.5", "2", "dogs"], AdapterOptions.Joined(["run", "--lora-scaled", "a", "0.5", "2", "dogs"]));
        Assert.Equal(["run", "--lora-scaled", "a:0.5", "2", "dogs"], AdapterOptions.Joined(["run", "--lora-scaled", "a:0.5", "2", "dogs"]));
        Assert.Equal(["--control-vector-layer-range", "4:12", "3"], AdapterOptions.Joined(["--control-vector-layer-range", "4", "12", "3"]));
        Assert.Equal(["--", "--lora-scaled", "a", "1"], AdapterOptions.Joined(["--", "--lora-scaled", "a", "1"]));
    }

    private static async Task<string> Text(params string[] options) =>
        (await new ScriptedTerminal().Run(["run", "Once upon", "-n", "12", "--temp", "0", .. options])).Out;

    private string Write()
    {
        using var model = Thimble.Models.Files.ModelFile.Open(s_model);
        return new TinyAdapter(model) { Alpha = 24 }.Change(3, "attn_", "ffn_").Write(_folder["a.gguf"]);
    }
}
