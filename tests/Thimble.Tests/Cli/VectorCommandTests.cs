using System.Text.Json;

namespace Thimble.Tests.Cli;

public class VectorCommandTests
{
    private static readonly string s_bert = Golden.Path("encoders/bert.gguf"), s_ranker = Golden.Path("encoders/bert-rank.gguf");

    [Fact]
    public async Task Texts_become_lines_of_numbers()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("embed", s_bert, "the cat sat", "dogs ran");
        Assert.Equal(0, code);
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([32, 32], lines.Select(line => line.Split(' ').Length));
    }

    [Fact]
    public async Task Json_has_a_line_for_each_text()
    {
        (int _, string text, string _) = await new ScriptedTerminal().Run("embed", s_bert, "--json", "the cat sat", "dogs ran");
        JsonElement second = JsonDocument.Parse(text.Split('\n')[1]).RootElement;
        Assert.Equal((1, "dogs ran", 32), (second.GetProperty("index").GetInt32(), second.GetProperty("text").GetString(), second.GetProperty("embedding").GetArrayLength()));
    }

    [Fact]
    public async Task Documents_are_ranked_best_first()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("rerank", s_ranker, "--json", "the cat", "cat sat", "dog ran", "a");
        Assert.Equal(0, code);
        double[] scores = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("score").GetDouble())];
        Assert.Equal(scores.OrderDescending(), scores);
    }

    [Fact]
    public async Task Running_a_model_of_vectors_names_the_command_for_it()
    {
        (int code, string _, string notes) = await new ScriptedTerminal().Run("run", s_bert, "the cat");
        Assert.Equal(1, code);
        Assert.Contains("thimble embed", notes, StringComparison.Ordinal);
    }
}
