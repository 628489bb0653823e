namespace Thimble.Tests.Cli;

public class ImageOptionTests
{
    [Fact]
    public async Task A_prompt_can_be_about_an_image()
    {
        string model = Golden.Path("vision/llama.gguf"), projector = Golden.Path("vision/mmproj-llava.gguf"), image = Golden.Path("vision/50x37.png");
        string[] run = ["run", model, "ab", "-n", "3", "--temp", "0", "-t", "1", "-c", "128", "--mmproj", projector];
        (int code, string plain, string _) = await new ScriptedTerminal().Run(run);
        (int seen, string pictured, string notes) = await new ScriptedTerminal().Run([.. run, "--image", image]);
        Assert.Equal((0, 0, ""), (code, seen, notes));
        Assert.NotEqual(plain, pictured);
    }

    [Fact]
    public async Task An_image_for_a_model_that_sees_none_is_refused()
    {
        (int code, string _, string notes) = await new ScriptedTerminal().Run(["run", "Once", "-n", "2", "-t", "1", "--image", Golden.Path("vision/50x37.png")]);
        Assert.Equal(1, code);
        Assert.Contains("sees no images", notes, StringComparison.Ordinal);
    }
}
