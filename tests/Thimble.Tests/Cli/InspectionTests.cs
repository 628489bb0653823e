using System.Text.Json;

namespace Thimble.Tests.Cli;

public class InspectionTests
{
    [Fact]
    public async Task The_list_holds_named_models_and_the_one_inside()
    {
        using var folder = new Models.TemporaryFolder();
        Directory.CreateDirectory(folder["owner"]);
        File.Copy(Path.Combine(Golden.Root, "models", "tinystories.gguf"), folder["owner/tales.gguf"]);
        folder.Write("broken.gguf", [71, 71, 85, 70, 9]);
        (int code, string text, string notes) = await new ScriptedTerminal { Models = folder[""] }.Run("list");
        Assert.Equal(0, code);
        string[] lines = text.Split('\n');
        Assert.StartsWith("NAME", lines[0], StringComparison.Ordinal);
        Assert.Contains("inside thimble", lines[1], StringComparison.Ordinal);
        Assert.Contains("unreadable", lines[2], StringComparison.Ordinal);
        Assert.Matches("^owner/tales +3.0 MB +Q4_0 +5.1M +ple +(just now|.* ago)$", lines[3]);
        Assert.Contains("broken.gguf", notes, StringComparison.Ordinal);

        (int _, string json, string _) = await new ScriptedTerminal { Models = folder[""] }.Run("ls", "--json");
        Assert.Equal(["default", "broken", "owner/tales"], JsonDocument.Parse(json).RootElement.EnumerateArray().Select(model => model.GetProperty("name").GetString()!));
    }

    [Fact]
    public async Task A_model_is_shown_with_its_memory()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("show", "default", "--tensors");
        Assert.Equal(0, code);
        foreach (string part in (string[])["ple-c3M-s0", "5.1M", "Q4_0 (4.51 bits a weight)", "none: it continues text", "2.9 MB", "3.1 MB for 1,000 tokens", "token_embd.weight", "[128, 4096]", "1E-06"])
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_architecture_without_code_is_shown()
    {
        using var folder = new Models.TemporaryFolder();
        string path = folder.Write("odd.gguf", new Models.GgufBytes(0, 1).Key("general.architecture", 8).Text([.. "mamba9"u8]).ToArray());
        (int code, string text, string _) = await new ScriptedTerminal().Run("show", path);
        Assert.Equal(0, code);
        Assert.Contains("mamba9 (not known to this build)", text, StringComparison.Ordinal);
        Assert.Matches(@"known ones +apertus, .*xverse", text);
        (int _, string json, string _) = await new ScriptedTerminal().Run("show", path, "--json");
        Assert.False(JsonDocument.Parse(json).RootElement.GetProperty("runnable").GetBoolean());
    }

    [Fact]
    public async Task A_vocabulary_alone_is_shown_and_used()
    {
        string path = Golden.Path("ggml-vocab/ggml-vocab-phi-3.gguf");
        (int shown, string text, string _) = await new ScriptedTerminal().Run("show", path);
        Assert.Equal(0, shown);
        Assert.Contains("32064 values", text, StringComparison.Ordinal);
        (int _, string ids, string _) = await new ScriptedTerminal("Hello <|end|>").Run("tokenize", path, "--ids", "--special", "--no-bos");
        Assert.Contains("32007", ids, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_is_shown_as_tokens()
    {
        (int _, string text, string _) = await new ScriptedTerminal().Run("tokenize", "Once upon a time");
        Assert.Equal("     0 -> '<|endoftext|>'\n   433 -> 'Once'\n   447 -> ' upon'\n   259 -> ' a'\n   405 -> ' time'\n", text);
        (int _, string ids, string _) = await new ScriptedTerminal("Once upon a time").Run("tokenize", "--ids");
        Assert.Equal("[0, 433, 447, 259, 405]\n", ids);
        (int _, string json, string _) = await new ScriptedTerminal().Run("tokenize", "default", "Once", "--json", "--no-bos");
        Assert.Equal(433, Assert.Single(JsonDocument.Parse(json).RootElement.EnumerateArray()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task Words_behind_two_dashes_are_text()
    {
        (int code, string ids, string _) = await new ScriptedTerminal().Run("tokenize", "--ids", "--no-bos", "--", "-x", "@y");
        Assert.Equal(0, code);
        (int _, string quoted, string _) = await new ScriptedTerminal().Run("tokenize", "--ids", "--no-bos", "-x @y");
        Assert.Equal(ids, quoted);
    }

    [Theory, InlineData("bash"), InlineData("zsh"), InlineData("fish"), InlineData("pwsh")]
    public async Task A_shell_gets_its_script(string shell)
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("completion", shell);
        Assert.Equal(0, code);
        Assert.Contains("[suggest:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_are_completed()
    {
        (int _, string options, string _) = await new ScriptedTerminal().Run("[suggest:18]", "thimble run --top-");
        Assert.Equal("--top-k\n--top-n-sigma\n--top-nsigma\n--top-p\n", options);
        (int _, string commands, string _) = await new ScriptedTerminal().Run("[suggest:9]", "thimble q");
        Assert.StartsWith("quantize\n", commands, StringComparison.Ordinal);
        (int _, string shells, string _) = await new ScriptedTerminal().Run("[suggest]", "/usr/bin/thimble completion ");
        Assert.Contains("bash\n", shells, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_and_help_are_results()
    {
        (int code, string version, string _) = await new ScriptedTerminal().Run("--version");
        Assert.Equal(0, code);
        Assert.Matches(@"^thimble \d+\.\d+\.\d+\n$", version);
        (int _, string help, string _) = await new ScriptedTerminal().Run();
        Assert.Contains("thimble [command]", help, StringComparison.Ordinal);
        (int _, string run, string _) = await new ScriptedTerminal().Run("run", "--help");
        Assert.Contains("--dry-multiplier", run, StringComparison.Ordinal);
    }
}
