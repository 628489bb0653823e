using System.CommandLine;
using System.CommandLine.Parsing;
using Thimble.Lab.Training;
using Thimble.Library;

namespace Thimble.Cli;

/// <summary>What is meant by the words of a command: a model, and the text after it.</summary>
internal static class Words
{
    /// <summary>Names of the model inside the program.</summary>
    private static readonly string[] s_default = ["default", "tinystories"];

    private static readonly string[] s_endings = [".gguf", ".safetensors", ".bin", ".json", ".onnx", ".pt", ".pth", ".ggml"];

    /// <summary>The words of an argument that takes all that is no option.</summary>
    /// <exception cref="ArgumentException">One of them was meant as an option.</exception>
    public static string[] Of(ParseResult parsed, Argument<string[]> argument)
    {
        string[] words = parsed.GetValue(argument) ?? [];
        int unread = parsed.Tokens.Count - parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).Count() - 1;
        foreach (string word in words.SkipLast(Math.Max(0, unread)))
        {
            if (word is ['-', not (>= '0' and <= '9'), ..] && !word.Any(char.IsWhiteSpace))
                throw new ArgumentException($"There is no option '{word}'; put -- before words that begin with a dash.", nameof(parsed));
        }

        return words;
    }

    /// <summary>Splits words into a model and a text.</summary>
    /// <param name="words">The words as typed.</param>
    /// <param name="terminal">Whose variables say where models are.</param>
    /// <returns>The model's path, null for the one inside the program, and the text.</returns>
    /// <exception cref="FileNotFoundException">The first word can only be meant as a model, and there is none of that name.</exception>
    public static (string? Model, string Text) Split(string[] words, Terminal terminal)
    {
        if (words.Length == 0)
            return (null, "");
        if (Find(words[0], terminal) is var (known, path) && known)
            return (path, string.Join(' ', words[1..]));
        if (LooksLikeModel(words[0]) || IsNearModel(words[0], terminal))
            throw Unknown(words[0], terminal);
        return (null, string.Join(' ', words));
    }

    /// <summary>The path of a model that must be there, null for the one inside the program.</summary>
    /// <exception cref="FileNotFoundException">There is none of that name.</exception>
    public static string? Model(string word, Terminal terminal) =>
        Find(word, terminal) is var (known, path) && known ? path : throw Unknown(word, terminal);

    /// <summary>How a model is opened, its drafter found by name, and taught if that is asked for.</summary>
    public static ModelOptions Drafter(ModelOptions opening, Terminal terminal)
    {
        if (opening.LearntDraft is not null)
            DraftLearning.Enable();
        return Path.Exists(opening.Draft) || Folder(terminal).Find(opening.Draft) is not { } path ? opening : opening with { Draft = path };
    }

    /// <summary>The folder of models.</summary>
    public static ModelFolder Folder(Terminal terminal) =>
        terminal.Variable(ModelFolder.Variable) is { Length: > 0 } path ? new ModelFolder(path) : ModelFolder.Default;

    /// <summary>How the model that a word means wants to be used; null where it does not say.</summary>
    public static ModelDefaults? Defaults(string word, Terminal terminal) => Path.Exists(word) ? null : Folder(terminal).Defaults(word);

    private static (bool Known, string? Path) Find(string word, Terminal terminal)
    {
        if (s_default.Contains(word, StringComparer.OrdinalIgnoreCase))
            return (true, null);
        if (File.Exists(word) || Directory.Exists(word))
            return (true, word);
        // No name holds a line's worth of words, and a folder need not be searched to know that.
        return word.Contains(' ', StringComparison.Ordinal) || Folder(terminal).Find(word) is not { } path ? (false, null) : (true, path);
    }

    /// <summary>A path, or letters with a number behind a dash or colon, as in <c>qwen3-0.6b</c> or <c>llama3:8b</c>.</summary>
    private static bool LooksLikeModel(string word)
    {
        if (word.Length == 0 || word.Any(char.IsWhiteSpace))
            return false;
        if (word.AsSpan().ContainsAny('/', '\\') || s_endings.Any(ending => word.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            return true;

        int mark = word.AsSpan().IndexOfAny('-', ':', '_');
        return mark > 0 && char.IsAsciiLetter(word[0]) && word.Any(char.IsAsciiDigit) && char.IsLetterOrDigit(word[^1]);
    }

    /// <summary>Letters with a number, as in <c>qwen3</c>, that a model's name contains or nearly is.</summary>
    private static bool IsNearModel(string word, Terminal terminal) =>
        word.All(char.IsAsciiLetterOrDigit) && word.Any(char.IsAsciiDigit) && word.Any(char.IsAsciiLetter) && Folder(terminal).Near(word).Count > 0;

    private static FileNotFoundException Unknown(string word, Terminal terminal)
    {
        ModelFolder folder = Folder(terminal);
        string[] near = word.Length == 0 ? [] : [.. folder.Near(word).Select(name => $"'{name}'")];
        string hint = near.Length > 0
            ? $"Did you mean {string.Join(" or ", near)}?"
            : $"'thimble list' shows those in '{folder.Path}'; 'default' is the one inside this program.";
        return new($"There is no model, file or folder '{word}'. {hint}", word);
    }
}
