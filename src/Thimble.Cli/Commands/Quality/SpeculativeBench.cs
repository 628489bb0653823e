using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Thimble.Cli.Output;
using Thimble.Models.Chat;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble bench MODEL --speculative FILE</c>: what guessing ahead is worth on questions of several kinds, beside plain decoding.</summary>
internal sealed class SpeculativeBench
{
    private readonly Option<string[]> _questions = new("--speculative") { Description = "Measure guessing ahead on questions, a file of Spec-Bench or MT-Bench (question.jsonl). May be repeated.", HelpName = "FILE" };
    private readonly Option<string> _draft = new("--draft", "-md") { Description = "With --speculative: who guesses. Default auto.", HelpName = "WHO", DefaultValueFactory = _ => "auto" };
    private readonly Option<string?> _memory = new("--draft-memory") { Description = "With --speculative: memory that guessing may take.", HelpName = "SIZE" };
    private readonly Option<int> _each = new("--each") { Description = "With --speculative: questions of each kind. Default 4.", HelpName = "N", DefaultValueFactory = _ => 4 };

    /// <summary>Adds its options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_questions, _draft, _memory, _each])
            command.Options.Add(option);
    }

    /// <summary>Whether it is asked for.</summary>
    public bool IsAsked(ParseResult parsed) => parsed.GetValue(_questions) is { Length: > 0 };

    /// <summary>Measures.</summary>
    /// <param name="parsed">The options.</param>
    /// <param name="terminal">Where results go.</param>
    /// <param name="name">The model as typed.</param>
    /// <param name="threads">Threads that compute; null for the usual.</param>
    /// <param name="tokens">Tokens of an answer; null for 128.</param>
    /// <param name="json">Whether one JSON object is written.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="InvalidDataException">A line is no question, or an answer is not the one written without guesses.</exception>
    public async Task RunAsync(ParseResult parsed, Terminal terminal, string name, int? threads, int? tokens, bool json, CancellationToken stop)
    {
        int each = parsed.GetValue(_each) is >= 1 and var number ? number : throw new ArgumentException("--each expects 1 or more.");
        Question[] questions = [.. parsed.GetValue(_questions)!.SelectMany(Question.Read).GroupBy(question => question.Category).SelectMany(kind => kind.Take(each))];
        ModelOptions opening = Words.Drafter(new()
        {
            Threads = threads,
            Draft = parsed.GetValue(_draft)!,
            DraftMemory = parsed.GetValue(_memory) is { } size ? Units.Size(size) : null,
        }, terminal);
        using Model model = Words.Model(name, terminal) is { } path ? Model.Open(path, opening) : Model.OpenDefault(opening);
        GenerationOptions options = new() { MaxTokens = tokens ?? 128, IgnoreEnd = true, Sampling = SamplingOptions.Greedy };
        Task<List<SpeculativeScore>> work = MeasureAsync(model, questions, options, stop);
        await Waiting.ForAsync(terminal, "measuring", work);
        List<SpeculativeScore> scores = await work;
        if (json)
            terminal.Out.WriteLine(JsonSerializer.Serialize(new SpeculativeReport(model.Name, opening.Draft, scores), ReportJson.Default.SpeculativeReport));
        else
            Write(terminal.Out, scores);
    }

    private static async Task<List<SpeculativeScore>> MeasureAsync(Model model, Question[] questions, GenerationOptions options, CancellationToken stop)
    {
        foreach (bool drafts in (bool[])[false, true])   // warms up
            await AnswerAsync(model, new("", "", ["A B C D A B C D A B C D A B"]), options with { Drafts = drafts, MaxTokens = 24 }, stop);
        List<SpeculativeScore> scores = [];
        bool draftsFirst = false;
        Answer allPlain = new("", TimeSpan.Zero, 0, default), allDrafted = allPlain;
        foreach (IGrouping<string, Question> kind in questions.GroupBy(question => question.Category))
        {
            Answer plain = new("", TimeSpan.Zero, 0, default), drafted = plain;
            (int count, int leftOut) = (0, 0);
            foreach (Question question in kind)
            {
                Answer first = await AnswerAsync(model, question, options with { Drafts = draftsFirst }, stop), second = await AnswerAsync(model, question, options with { Drafts = !draftsFirst }, stop);
                (Answer one, Answer two) = draftsFirst ? (second, first) : (first, second);
                if (one.Text != two.Text)
                    throw new InvalidDataException($"With guesses the answer to question {question.Id} of '{kind.Key}' is another than without: this must never be; please report it with the model's name.");
                (plain, drafted, draftsFirst) = (plain.With(one), drafted.With(two), !draftsFirst);
                (count, leftOut) = one.Tokens > 0 ? (count + 1, leftOut) : (count, leftOut + 1);
            }

            scores.Add(SpeculativeScore.Of(kind.Key, count, leftOut, plain, drafted));
            (allPlain, allDrafted) = (allPlain.With(plain), allDrafted.With(drafted));
        }

        if (scores.Count > 1)
            scores.Add(SpeculativeScore.Of("all", scores.Sum(score => score.Questions), scores.Sum(score => score.LeftOut), allPlain, allDrafted));
        return scores;
    }

    /// <summary>All turns of a question, one after the other.</summary>
    private static async Task<Answer> AnswerAsync(Model model, Question question, GenerationOptions options, CancellationToken stop)
    {
        using Session session = model.CreateSession();
        List<ChatTurn> chat = [];
        Answer all = new("", TimeSpan.Zero, 0, default);
        foreach (string turn in question.Turns)
        {
            chat.Add(new("user", turn));
            Generation generation;
            string text;
            try
            {
                generation = model.ChatTemplate is null
                    ? session.Generate(turn + "\n", options, stop)
                    : session.Continue(model.CreatePrompt(chat), options, stop);
                text = await generation.TextAsync(stop);
            }
            catch (CapacityException)
            {
                break;   // the questions of some kinds are longer than a small model's context
            }

            chat.Add(new("assistant", text));
            all = all.With(new(text, generation.Timings.Decode, Math.Max(0, generation.Timings.GeneratedTokens - 1), generation.Drafts));
        }

        return all;
    }

    private static void Write(TextWriter output, List<SpeculativeScore> scores)
    {
        TextTable.Write(output,
        [
            ["kind", "questions", "plain t/s", "drafted t/s", "speed-up", "tokens a step", "drafted", "accepted", "saved"],
            .. scores.Select(score => (string[])
            [
                score.Category, Text($"{score.Questions}"), Text($"{score.PlainTokensPerSecond:F1}"), Text($"{score.DraftedTokensPerSecond:F1}"), Text($"{score.SpeedUp:F2}x"),
                Text($"{score.MeanLength:F2}"), Text($"{score.Drafted}"), Text($"{score.Accepted}"), Text($"{score.SavedMs:F0} ms"),
            ]),
        ]);
        if (scores.Sum(score => score.LeftOut) is > 0 and var left)
            output.WriteLine(Text($"{left / (scores.Count > 1 ? 2 : 1)} questions are longer than the context and were left out."));
        static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>A question of a set: its kind, and what the user says in each turn.</summary>
internal sealed record Question(string Id, string Category, string[] Turns)
{
    /// <summary>Reads a set.</summary>
    /// <param name="path">A file with one JSON object a line: <c>question_id</c>, <c>category</c>, <c>turns</c>.</param>
    /// <exception cref="InvalidDataException">A line is no such object.</exception>
    public static IEnumerable<Question> Read(string path)
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length > 0)
                yield return Parse(line) ?? throw new InvalidDataException($"Line {number} of '{path}' is no question; expected an object with question_id, category and turns, as Spec-Bench and MT-Bench write them.");
        }
    }

    private static Question? Parse(string line)
    {
        try
        {
            using var text = JsonDocument.Parse(line);
            JsonElement root = text.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("category", out JsonElement category) && root.TryGetProperty("turns", out JsonElement turns)
                && category.ValueKind == JsonValueKind.String && turns.ValueKind == JsonValueKind.Array && turns.EnumerateArray().All(turn => turn.ValueKind == JsonValueKind.String)
                ? new(root.TryGetProperty("question_id", out JsonElement id) ? id.ToString() : "", category.GetString()!, [.. turns.EnumerateArray().Select(turn => turn.GetString()!)])
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What was written, how long that took, and what came of guesses.</summary>
internal readonly record struct Answer(string Text, TimeSpan Decode, int Tokens, DraftStatistics Drafts)
{
    /// <summary>Both together.</summary>
    public Answer With(Answer other) => new(Text + other.Text, Decode + other.Decode, Tokens + other.Tokens, new(
        Drafts.Steps + other.Drafts.Steps, Drafts.Drafted + other.Drafts.Drafted, Drafts.Accepted + other.Drafts.Accepted, Drafts.Saved + other.Drafts.Saved));
}
