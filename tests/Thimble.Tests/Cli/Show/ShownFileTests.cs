using System.Text.Json;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Cli;

/// <summary><c>thimble show</c> says of anything that it is given what it is, or what is wrong with it.</summary>
public class ShownFileTests
{
    [Fact]
    public async Task Every_fixture_is_shown_as_a_model_that_runs()
    {
        foreach (string name in Fixture.Names)
        {
            (int code, string text, string notes) = await Show(Fixture.PathOf(name + ".gguf"));
            Assert.True(code == 0 && notes == "", $"{name}: {notes}");
            Assert.DoesNotContain("not known to this build", text, StringComparison.Ordinal);
            Assert.Matches("tensors +[1-9]", text);
        }
    }

    [Fact]
    public async Task A_projector_says_what_it_is_for()
    {
        (int code, string text, string _) = await Show(Golden.Path("vision/mmproj-qwen2vl.gguf"));
        Assert.Equal(0, code);
        Assert.Matches("projector +qwen2vl_merger\\n", text);
        Assert.Contains("gives sight to a text model", text, StringComparison.Ordinal);
        Assert.DoesNotContain("known ones", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_adapter_and_a_control_vector_are_told_apart_from_models()
    {
        (int code, string text, string _) = await Show(Golden.Path("adapters/a.gguf"));
        Assert.Equal(0, code);
        Assert.Matches("(?i)adapter|lora", text);
        (int second, string direction, string _) = await Show(Golden.Path("adapters/c.gguf"));
        Assert.Equal(0, second);
        Assert.Matches("(?i)control vector|direction", direction);
    }

    [Fact]
    public async Task A_folder_is_shown_as_the_model_that_it_becomes()
    {
        using Models.Files.Import.Scratch folder = Models.Files.Import.FolderRecipe.Gated("LlamaForCausalLM", "BF16").Write();
        (int code, string text, string _) = await Show(folder.Folder);
        Assert.Equal(0, code);
        Assert.Matches("architecture +llama\\n", text);
        Assert.Contains("BF16", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vocabulary_alone_says_so()
    {
        (int code, string text, string _) = await Show(Golden.Path("ggml-vocab/ggml-vocab-phi-3.gguf"));
        Assert.Equal(0, code);
        Assert.Contains("no weights: a vocabulary alone", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("noise.gguf", "this is no model, and was never meant to be one", "noise.gguf")]
    [InlineData("empty.gguf", "", "empty.gguf")]
    [InlineData("short.gguf", "GGUF\u0003\0\0\0", "short.gguf")]
    [InlineData("model.safetensors", "{}", "model.safetensors")]
    public async Task What_is_no_model_is_refused_by_name(string name, string content, string named)
    {
        using var folder = new Models.TemporaryFolder();
        string path = folder.Write(name, [.. content.Select(letter => (byte)letter)]);
        (int code, string text, string notes) = await Show(path);
        Assert.NotEqual(0, code);
        Assert.Equal("", text);
        Assert.Contains(named, notes, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_is_written_as_JSON_too()
    {
        foreach (string path in (string[])[Golden.Path("vision/mmproj-llava.gguf"), Golden.Path("adapters/a.gguf"), Golden.Path("ggml-vocab/ggml-vocab-phi-3.gguf")])
        {
            (int code, string json, string _) = await new ScriptedTerminal().Run("show", path, "--json");
            Assert.Equal(0, code);
            Assert.Equal(path, JsonDocument.Parse(json).RootElement.GetProperty("path").GetString());
        }
    }

    private static Task<(int Code, string Text, string Notes)> Show(string path) => new ScriptedTerminal().Run("show", path);
}
