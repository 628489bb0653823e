using System.Text.RegularExpressions;

namespace Thimble.Lab.Evaluate;

/// <summary>A set of the LLM-Adapters collection: an instruction that lists numbered options, and the name of the right one.</summary>
/// <remarks>Source: Hu et al., "LLM-Adapters", 2023, whose files these are. The options are scored by their own texts, in the prompts of
/// lm-evaluation-harness, not by their numbers.</remarks>
internal abstract partial class AdapterSet(string name, string summary, string folder) : ChoiceSuite(
    name, summary, Path.Combine("llm-adapters", folder),
    $"The files are those of github.com/AGI-Edgerunners/LLM-Adapters, dataset/: llm-adapters/{folder}/test.json.")
{
    /// <summary>Turns what the instruction says into a choice.</summary>
    /// <param name="row">For its name.</param>
    /// <param name="question">The question, without the instruction around it.</param>
    /// <param name="options">The options' texts.</param>
    /// <param name="answer">Which is right.</param>
    /// <returns>The choice; null after the row was refused.</returns>
    protected abstract Choice? Ask(Row row, string question, string[] options, int answer);

    public override IEnumerable<Question> Read(Corpus data, EvaluationOptions options)
    {
        foreach (Row row in data.Json("test.json"))
        {
            if (row.Text("instruction") is not { } instruction || row.Text("answer") is not { } answer)
                continue;
            Match parts = Parts().Match(instruction);
            if (!parts.Success)
            {
                row.Refuse("the instruction has no question before, or no 'Answer format:' behind it");
                continue;
            }

            string[] labels = parts.Groups["labels"].Value.Trim().Split('/');
            int right = Array.IndexOf(labels, answer);
            (string question, string[]? texts) = Split(parts.Groups["question"].Value, labels);
            if (right < 0)
                row.Refuse($"the answer is '{answer}'; expected one of {string.Join(", ", labels)}");
            else if (texts is null || Array.Exists(texts, string.IsNullOrWhiteSpace))
                row.Refuse("an option has no text");
            else if (Ask(row, question, texts, right) is { } choice)
                yield return choice;
        }
    }

    /// <summary>Cuts a question from the options that follow it under their labels; options that are not listed are their labels.</summary>
    private static (string Question, string[]? Options) Split(string text, string[] labels)
    {
        string[] marks = [.. labels.Select(label => $"{char.ToUpperInvariant(label[0])}{label[1..]}:")];
        int at = text.IndexOf(marks[0], StringComparison.Ordinal);
        if (at < 0)
            return (text.Trim(), labels);

        string question = text[..at].Trim();
        string[] options = new string[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            int start = at + marks[i].Length;
            at = i + 1 < labels.Length ? text.IndexOf(marks[i + 1], start, StringComparison.Ordinal) : text.Length;
            if (at < 0)
                return (question, null);
            options[i] = text[start..at].Trim();
        }

        return (question, options);
    }

    [GeneratedRegex(@"^(Please [^:]*?question:|Please [^:]*:)\s*(?<question>.*?)\s*Answer format:\s*(?<labels>.*)$", RegexOptions.Singleline)]
    private static partial Regex Parts();
}
