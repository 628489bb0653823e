using System.Text.Json;

namespace Thimble.Lab.Training;

/// <summary>LLM-Adapters' arithmetic texts, parted so that no test question has words in common with what is learnt.</summary>
/// <remarks>Of its training file four fifths of each test file are in it word for word, so that scores on whole test files say how much was
/// learnt by heart. Here a question counts only if none of its stretches of eight words stands in a text that is learnt from (of shorter
/// questions, the whole). Source of the texts: Hu et al., "LLM-Adapters", 2023, section 4.1.</remarks>
/// <param name="Learnt">Questions with their solutions.</param>
/// <param name="Clean">Of each test set, the questions that are left, with their answers.</param>
internal sealed record MathSplits(IReadOnlyList<string> Learnt, IReadOnlyList<MathSet> Clean)
{
    /// <summary>Words of a stretch.</summary>
    public const int Words = 8;

    private static readonly string[] s_sets = ["AddSub", "MultiArith", "SingleEq", "SVAMP", "AQuA", "gsm8k"];

    /// <summary>Reads and parts them.</summary>
    /// <param name="folder">The folder that holds <c>math_data.json</c> and a folder of each test set.</param>
    /// <exception cref="FileNotFoundException">A file is not there.</exception>
    public static MathSplits Read(string folder)
    {
        string[] learnt = [.. Texts(Path.Combine(folder, "math_data.json"))];
        HashSet<string> known = [.. learnt.SelectMany(Stretches)];
        return new(learnt, [.. s_sets.Select(set =>
        {
            string[] all = [.. Texts(Path.Combine(folder, set, "test.json"))];
            return new MathSet(set, [.. all.Where(text => !Stretches(Question(text)).Any(known.Contains))], all.Length);
        })]);
    }

    /// <summary>A text's stretches of so many words, in small letters and without marks; of a shorter one, the whole.</summary>
    public static IEnumerable<string> Stretches(string text)
    {
        string[] words = new string([.. text.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (int at = 0; at == 0 || at + Words <= words.Length; at++)
            yield return string.Join(' ', words.Skip(at).Take(Words));
    }

    /// <summary>A text up to its solution.</summary>
    public static string Question(string text) => text.Split('\n')[0];

    private static IEnumerable<string> Texts(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' is not there; expected LLM-Adapters' data.", path);
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (JsonElement item in document.RootElement.EnumerateArray())
        {
            string question = item.GetProperty("instruction").GetString()!.ReplaceLineEndings(" ").Trim(), solution = item.GetProperty("output").GetString()!.Trim();
            yield return $"{question}\n{(solution.Length > 0 ? solution : item.GetProperty("answer").ToString())}";
        }
    }
}

/// <summary>A test set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Questions">The questions that are left, with their answers.</param>
/// <param name="All">How many there were.</param>
internal sealed record MathSet(string Name, IReadOnlyList<string> Questions, int All);
