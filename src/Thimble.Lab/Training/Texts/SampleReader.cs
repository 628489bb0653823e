using System.Text.Json;
using Thimble.Models.Chat;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>Reads files of texts, conversations, or questions with answers, as samples.</summary>
/// <param name="tokenizer">Texts to tokens.</param>
/// <param name="template">How conversations are written; null where the model has none.</param>
internal sealed class SampleReader(Tokenizer tokenizer, ChatTemplate? template)
{
    /// <summary>The kinds of files.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["chat", "instruction", "lines", "preference", "sgd", "small-talk", "stories", "taskmaster", "text"];

    /// <summary>Lines that could not be read, each with file, number and why.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>A file's samples.</summary>
    /// <param name="path">The file; <c>.gz</c> is opened.</param>
    /// <param name="kind">One of <see cref="Kinds"/>: a whole text, a text on each line, or JSON on each line: <c>messages</c> of a
    /// conversation, or <c>instruction</c>, <c>input</c> and <c>output</c>; stories that are asked for; a public set of dialogues;
    /// or <c>prompt</c>, <c>chosen</c> and <c>rejected</c>, two answers of which one is better.</param>
    /// <exception cref="ArgumentException">The kind is unknown.</exception>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    public IEnumerable<Sample> Read(string path, string kind) => kind switch
    {
        "text" => Texts(TextLines.All(path)),
        "lines" => TextLines.Of(path).Select(line => Text(line.Text)).Where(sample => sample.Tokens.Length > 1),
        "chat" => Parsed(path, Conversation),
        "instruction" => Parsed(path, Instruction),
        "preference" => Parsed(path, Preferred),
        "sgd" => GuidedDialogues.Read(path, Broken).SelectMany(Answered),
        "small-talk" => SmallTalk.Read(path, Broken).SelectMany(Answered),
        "stories" => StoryRequests.Read(path).SelectMany(Answered),
        "taskmaster" => OrderDialogues.Read(path, Broken).SelectMany(Answered),
        _ => throw new ArgumentException($"Kind '{kind}' of '{path}' is unknown; known: {string.Join(", ", Kinds)}.", nameof(kind)),
    };

    /// <summary>Texts parted by the token that ends a text, or by its name as corpora write it.</summary>
    private IEnumerable<Sample> Texts(string all) =>
        all.Split("<|endoftext|>", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Text).Where(sample => sample.Tokens.Length > 1);

    private Sample Text(string text)
    {
        List<int> tokens = [.. tokenizer.Encode(text, addSpecial: true)];
        if (tokenizer.EndOfText is { } end && (tokens.Count == 0 || tokens[^1] != end))
            tokens.Add(end);
        return new Sample([.. tokens]);
    }

    private IEnumerable<Sample> Parsed(string path, Func<JsonElement, Sample> read)
    {
        foreach ((int number, string line) in TextLines.Of(path))
        {
            Sample? sample = null;
            try
            {
                using var document = JsonDocument.Parse(line);
                sample = read(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                Broken.Add($"{Path.GetFileName(path)}:{number}: {e.Message}");
            }

            if (sample is { Tokens.Length: > 1 })
                yield return sample;
        }
    }

    /// <summary>A dialogue as a sample, if anything in it is the assistant's.</summary>
    private IEnumerable<Sample> Answered(Dialogue dialogue) =>
        dialogue.Turns.Exists(turn => turn.Role == "assistant") ? [Conversation(dialogue)] : [];

    private Sample Instruction(JsonElement line)
    {
        string question = Word(line, "instruction", "prompt", "question"), answer = Word(line, "output", "response", "answer");
        if (line.TryGetProperty("input", out JsonElement input) && input.GetString() is { Length: > 0 } more)
            question = $"{question}\n{more}";
        return Conversation(new Dialogue([new ChatTurn("user", question), new ChatTurn("assistant", answer)]));
    }

    private Sample Preferred(JsonElement line)
    {
        string question = Word(line, "prompt", "instruction", "question"), chosen = Word(line, "chosen"), rejected = Word(line, "rejected");
        return Answer(question, chosen) with { Rejected = Answer(question, rejected) };

        Sample Answer(string question, string answer) => Conversation(new Dialogue([new ChatTurn("user", question), new ChatTurn("assistant", answer)]));
    }

    private static string Word(JsonElement line, params string[] names)
    {
        foreach (string name in names)
        {
            if (line.TryGetProperty(name, out JsonElement value) && value.GetString() is { } text)
                return text;
        }

        throw new FormatException($"it has none of the fields {string.Join(", ", names)}");
    }

    private Sample Conversation(JsonElement line)
    {
        if (!line.TryGetProperty("messages", out JsonElement messages))
            throw new FormatException("it has no field 'messages'");
        return Conversation(new Dialogue([.. messages.EnumerateArray().Select(message =>
            new ChatTurn(message.GetProperty("role").GetString() ?? "", message.GetProperty("content").GetString()))]));
    }

    /// <summary>A conversation, of which what the assistant says is learnt, the token that ends it included.</summary>
    private Sample Conversation(Dialogue dialogue)
    {
        List<ChatTurn> turns = dialogue.Turns;
        List<int> tokens = [];
        List<bool> learnt = [];
        string written = "";
        for (int i = 0; i < turns.Count; i++)
        {
            if (turns[i].Role != "assistant")
                continue;
            Add(Render(dialogue with { Turns = turns[..i] }, answers: true), learns: false);
            Add(Render(dialogue with { Turns = turns[..(i + 1)] }, answers: false), learns: true);
        }

        if (!learnt.Contains(true))
            throw new FormatException("no message is the assistant's, so there is nothing to learn");
        return new Sample([.. tokens], [.. learnt]);

        void Add(string whole, bool learns)
        {
            string piece = whole.StartsWith(written, StringComparison.Ordinal) ? whole[written.Length..] : throw new FormatException("the template writes earlier messages otherwise once later ones follow");
            int[] ids = tokenizer.Encode(piece, addSpecial: written.Length == 0 && !Begins(whole), parseSpecial: true);
            tokens.AddRange(ids);
            learnt.AddRange(Enumerable.Repeat(learns, ids.Length));
            written = whole;
        }
    }

    private bool Begins(string text) =>
        tokenizer.BeginOfText is { } begin && tokenizer.Decode([begin], special: true) is { Length: > 0 } mark && text.StartsWith(mark, StringComparison.Ordinal);

    private string Render(Dialogue dialogue, bool answers) => (template ?? ChatTemplate.Plain).Render(dialogue.Turns, new ChatTemplateOptions
    {
        Tools = dialogue.Tools,
        AddGenerationPrompt = answers,
        BeginText = Special(tokenizer.BeginOfText),
        EndText = Special(tokenizer.EndOfText),
    });

    private string Special(int? token) => token is { } id ? tokenizer.Decode([id], special: true) : "";
}
