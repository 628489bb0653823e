using Thimble.Tests.Models;

namespace Thimble.Tests.Cli;

/// <summary><c>thimble train</c> without a recipe's file.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_adapter_is_trained_by_options_alone_and_run()
    {
        File.WriteAllText(_folder["a text's.txt"], string.Concat(Enumerable.Repeat("The cat sat on the mat.<|endoftext|>", 20)));
        string model = Golden.Path("stories260K/stories260K.bin"), adapter = _folder["adapter"];
        (int code, string said, string notes) = await new ScriptedTerminal().Run(
            "train", "--adapter", "lora", "--model", model, "--text", _folder["a text's.txt"], "--output", adapter, "--steps", "2", "--set", "adapter.rank=2", "--set", "length=16", "--set", "batch_tokens=64");
        Assert.True(code == 0, notes);
        Assert.Contains("numbers to train", said, StringComparison.Ordinal);
        Assert.Contains("| ", said, StringComparison.Ordinal);   // the curve
        Assert.True(File.Exists(adapter + ".html") && File.Exists(adapter + ".curve.csv"));
        (code, _, notes) = await new ScriptedTerminal().Run("run", "-m", model, "The cat", "-n", "3", "--lora", adapter);
        Assert.True(code == 0, notes);
    }

    [Fact]
    public async Task A_key_without_a_value_is_refused()
    {
        (int code, string _, string notes) = await new ScriptedTerminal().Run("train", "--set", "steps");
        Assert.Equal(2, code);
        Assert.Contains("'steps' has no value; expected KEY=VALUE", notes, StringComparison.Ordinal);
    }
}
