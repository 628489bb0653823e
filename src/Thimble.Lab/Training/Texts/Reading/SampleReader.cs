using System.Text.Json;
using Thimble.Models.Chat;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>Reads files of texts, conversations, or questions with answers, as samples.</summary>
/// <param name="tokenizer">Texts to tokens.</param>
/// <param name="template">How conversations are written; null where the model has none.</param>
/// <remarks>Reading is done by all cores; samples come in the file's order, the same whatever their number.</remarks>
internal sealed class SampleReader(Tokenizer tokenizer, ChatTemplate? template)
{
    private readonly ConversationText _conversations = new(template ?? ChatTemplate.Plain, new()
    {
        BeginText = Special(tokenizer, tokenizer.BeginOfText),
        EndText = Special(tokenizer, tokenizer.EndOfText),
    });

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
        "lines" => OrderedWork.Select(TextLines.Of(path), line => Text(line.Text)).Where(sample => sample.Tokens.Length > 1),
        "chat" => Parsed(path, Conversation),
        "instruction" => Parsed(path, Instruction),
        "preference" => Parsed(path, Preferred),
        "sgd" => Answered(GuidedDialogues.Read(path, Broken)),
        "small-talk" => Answered(SmallTalk.Read(path, Broken)),
        "stories" => Answered(StoryRequests.Read(path)),
        "taskmaster" => Answered(OrderDialogues.Read(path, Broken)),
        _ => throw new ArgumentException($"Kind '{kind}' of '{path}' is unknown; known: {string.Join(", ", Kinds)}.", nameof(kind)),
    };

    /// <summary>Texts parted by the token that ends a text, or by its name as corpora write it.</summary>
    private IEnumerable<Sample> Texts(string all) =>
        OrderedWork.Select(all.Split("<|endoftext|>", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), Text).Where(sample => sample.Tokens.Length > 1);

    private Sample Text(string text)
    {
        List<int> tokens = [.. tokenizer.Encode(text, addSpecial: true)];
        if (tokenizer.EndOfText is { } end && (tokens.Count == 0 || tokens[^1] != end))
            tokens.Add(end);
        return new Sample([.. tokens]);
    }

    private IEnumerable<Sample> Parsed(string path, Func<JsonElement, Sample> read)
    {
        foreach ((Sample? sample, string? fault) in OrderedWork.Select(TextLines.Of(path), line => Attempt(line.Number, line.Text)))
        {
            if (fault is not null)
                Broken.Add(fault);
            if (sample is { Tokens.Length: > 1 })
                yield return sample;
        }

        (Sample? Sample, string? Fault) Attempt(int number, string line)
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                return (read(document.RootElement), null);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                return (null, $"{Path.GetFileName(path)}:{number}: {e.Message}");
            }
        }
    }

    /// <summary>Dialogues as samples, but those in which the assistant says nothing.</summary>
    private IEnumerable<Sample> Answered(IEnumerable<Dialogue> dialogues) =>
        OrderedWork.Select(dialogues.Where(dialogue => dialogue.Turns.Exists(turn => turn.Role == "assistant")), Conversation);

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
        List<int> tokens = [];
        List<bool> learnt = [];
        bool begins = true;
        foreach ((string text, bool learns) in _conversations.Pieces(dialogue))
        {
            int[] ids = tokenizer.Encode(text, addSpecial: begins && !Begins(text), parseSpecial: true);
            tokens.AddRange(ids);
            learnt.AddRange(Enumerable.Repeat(learns, ids.Length));
            begins &= text.Length == 0;
        }

        return learnt.Contains(true)
            ? new Sample([.. tokens], [.. learnt])
            : throw new FormatException("no message is the assistant's, so there is nothing to learn");
    }

    private bool Begins(string text) =>
        tokenizer.BeginOfText is { } begin && tokenizer.Decode([begin], special: true) is { Length: > 0 } mark && text.StartsWith(mark, StringComparison.Ordinal);

    private static string Special(Tokenizer tokenizer, int? token) => token is { } id ? tokenizer.Decode([id], special: true) : "";
}
