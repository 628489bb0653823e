using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Thimble.Cli.Output;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble tokenize [MODEL] TEXT</c>: a text as a model reads it.</summary>
internal static class TokenizeCommand
{
    public static Command Create(Terminal terminal)
    {
        var words = new Argument<string[]>("MODEL TEXT") { Description = "A model's name, file or folder, and the text; it may also be piped in.", Arity = ArgumentArity.ZeroOrMore };
        var model = new Option<string>("--model", "-m") { Description = "The model; all words are the text then.", HelpName = "MODEL" };
        var ids = new Option<bool>("--ids") { Description = "Write the ids alone, as a list." };
        var json = new Option<bool>("--json") { Description = "Write a JSON array." };
        var special = new Option<bool>("--special") { Description = "Read special tokens that are written out in the text as such." };
        var bare = new Option<bool>("--no-bos") { Description = "Do not add the tokens that the model expects around a text." };
        var command = new Command("tokenize", "Show a text as tokens.") { words, model, ids, json, special, bare };
        command.SetAction(async (parsed, stop) =>
        {
            string[] typed = Words.Of(parsed, words);
            (string? path, string text) = parsed.GetValue(model) is { } named
                ? (Words.Model(named, terminal), string.Join(' ', typed))
                : Words.Split(typed, terminal);
            if (text.Length == 0 && !terminal.HasKeys)
                text = await terminal.In.ReadToEndAsync(stop);
            if (text.Length == 0)
                throw new ArgumentException("There is no text: give one behind 'tokenize', or pipe one in.");

            Tokenizer tokenizer = Open(path);
            int[] tokens = tokenizer.Encode(text, addSpecial: !parsed.GetValue(bare), parseSpecial: parsed.GetValue(special));
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonSerializer.Serialize([.. tokens.Select(id => new TokenReport(id, Piece(tokenizer, id)))], ReportJson.Default.ListTokenReport));
            else if (parsed.GetValue(ids))
                terminal.Out.WriteLine($"[{string.Join(", ", tokens)}]");
            else
                Write(terminal.Out, tokenizer, tokens);
            return ExitCode.Success;
        });
        return command;
    }

    private static Tokenizer Open(string? path)
    {
        if (path is null)
        {
            using var model = Model.OpenDefault();
            return model.Tokenizer;
        }

        using var file = ModelFile.Open(path);
        return Tokenizer.From(file.Metadata);
    }

    private static void Write(TextWriter output, Tokenizer tokenizer, int[] tokens)
    {
        foreach (int id in tokens)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{id,6} -> '{Piece(tokenizer, id).ReplaceLineEndings("\\n")}'"));
    }

    /// <summary>What a token stands for; bytes that are no whole character are replaced.</summary>
    private static string Piece(Tokenizer tokenizer, int id) => System.Text.Encoding.UTF8.GetString(tokenizer.Piece(id));
}
