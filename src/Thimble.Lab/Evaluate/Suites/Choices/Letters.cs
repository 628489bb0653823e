using System.Globalization;

namespace Thimble.Lab.Evaluate;

/// <summary>Questions whose options are listed with letters, of which the model chooses one.</summary>
internal static class Letters
{
    /// <summary>The question.</summary>
    /// <param name="id">Its name in the suite.</param>
    /// <param name="group">What it counts towards.</param>
    /// <param name="head">What stands before it.</param>
    /// <param name="question">The question.</param>
    /// <param name="options">The options' texts.</param>
    /// <param name="answer">Which is right.</param>
    public static Choice Ask(string id, string group, string head, string question, IReadOnlyList<string> options, int answer)
    {
        string listed = string.Concat(options.Select((text, i) => $"\n{Letter(i)}. {text}"));
        string context = $"{head}{question.Trim()}{listed}\nAnswer:";
        return new(id, group, [.. options.Select((_, i) => new Continuation(context, $" {Letter(i)}"))], answer) { Listed = options };
    }

    /// <summary>The place of an answer given as letter or number.</summary>
    public static int? Position(string answer) => answer.Trim() switch
    {
        [>= 'A' and <= 'D' and var letter] => letter - 'A',
        [>= '0' and <= '3' and var digit] => digit - '0',
        _ => null,
    };

    private static string Letter(int option) => ((char)('A' + option)).ToString(CultureInfo.InvariantCulture);
}
