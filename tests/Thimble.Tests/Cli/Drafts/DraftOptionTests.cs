using System.Text.Json;

namespace Thimble.Tests.Cli.Drafts;

/// <summary><c>--draft</c> and what belongs to it, as commands take it.</summary>
public sealed class DraftOptionTests : IDisposable
{
    private static readonly string[] s_short = ["-n", "24", "--temp", "0", "-t", "1", "--ignore-eos"];

    private readonly Models.TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_text_is_the_one_without_and_statistics_are_told()
    {
        const string Prompt = "The dog ran. The dog ran. The dog ran. The dog";
        (int _, string plain, string _) = await new ScriptedTerminal().Run(["run", Prompt, .. s_short]);
        (int code, string drafted, string _) = await new ScriptedTerminal().Run(["run", Prompt, "--draft", Golden.Path("ple-tinystories-int4/ple-c3M-s0.bin"), .. s_short]);
        Assert.Equal((0, plain), (code, drafted));
        (int _, string json, string _) = await new ScriptedTerminal().Run(["run", Prompt, "--draft", Golden.Path("ple-tinystories-int4/ple-d32-s0.bin"), "--json", .. s_short]);
        if (JsonDocument.Parse(json).RootElement.TryGetProperty("drafts", out JsonElement drafts))
            Assert.True(drafts.GetProperty("accepted").GetInt32() <= drafts.GetProperty("drafted").GetInt32());
    }

    [Fact]
    public async Task A_drafter_is_found_by_name()
    {
        File.Copy(Path.Combine(Golden.Root, "models", "tinystories.gguf"), _folder["tales.gguf"]);
        using var terminal = new ScriptedTerminal { Models = _folder.Path };
        (int code, string text, string _) = await terminal.Run(["run", "Once", "--draft", "tales", .. s_short]);
        Assert.Equal(0, code);
        Assert.StartsWith("Once", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--draft", "nobody-7b", "expected off, auto, lookup")]
    [InlineData("--draft", "exit:40", "a number of layers from 1 to")]
    [InlineData("--draft-memory", "10KB", "needs at least")]
    public async Task What_cannot_be_is_one_line(string option, string value, string expected)
    {
        string[] more = option == "--draft" ? [] : ["--draft", "lookup"];
        (int code, string _, string notes) = await new ScriptedTerminal().Run(["run", "Once", option, value, .. more, .. s_short]);
        Assert.NotEqual(0, code);
        Assert.Contains(expected, notes, StringComparison.Ordinal);
        Assert.Single(notes.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Questions_are_measured_by_kind()
    {
        File.WriteAllText(_folder["q.jsonl"], """
            {"question_id": 1, "category": "story", "turns": ["Once upon a time", "And then"]}
            {"question_id": 2, "category": "count", "turns": ["1 2 3 1 2 3 1 2"]}

            """);
        (int code, string text, string _) = await new ScriptedTerminal().Run("bench", "default", "--speculative", _folder["q.jsonl"], "--draft", "lookup", "-n", "12", "-t", "1", "--json");
        Assert.Equal(0, code);
        JsonElement[] kinds = [.. JsonDocument.Parse(text).RootElement.GetProperty("categories").EnumerateArray()];
        Assert.Equal(["story", "count", "all"], kinds.Select(kind => kind.GetProperty("category").GetString()));
        Assert.True(kinds.All(kind => kind.GetProperty("speed_up").GetDouble() > 0));
        (int _, string table, string _) = await new ScriptedTerminal().Run("bench", "default", "--speculative", _folder["q.jsonl"], "-n", "6", "-t", "1");
        Assert.StartsWith("kind", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_longer_than_the_context_is_left_out_and_counted()
    {
        File.WriteAllLines(_folder["q.jsonl"], [$$"""{"category": "long", "turns": ["{{string.Concat(Enumerable.Repeat("far and away ", 400))}}"]}""", """{"category": "short", "turns": ["Once"]}"""]);
        (int code, string table, string _) = await new ScriptedTerminal().Run("bench", "default", "--speculative", _folder["q.jsonl"], "-n", "6", "-t", "1");
        Assert.Equal(0, code);
        Assert.Contains("1 questions are longer than the context", table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{\"category\": \"x\"}")]
    [InlineData("[1]")]
    public async Task A_line_that_is_no_question_is_named(string line)
    {
        File.WriteAllText(_folder["q.jsonl"], "{\"category\": \"x\", \"turns\": [\"a\"]}\n" + line + "\n");
        (int code, string _, string notes) = await new ScriptedTerminal().Run("bench", "default", "--speculative", _folder["q.jsonl"], "-n", "4");
        Assert.NotEqual(0, code);
        Assert.Contains("Line 2 of", notes, StringComparison.Ordinal);
    }
}
