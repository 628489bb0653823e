using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>Grade-school science questions; the challenge set holds those that simple retrieval gets wrong.</summary>
/// <remarks>Source: Clark et al., "Think you have Solved Question Answering? Try ARC", 2018.</remarks>
internal sealed class Arc(string name, string summary, string folder) : AdapterSet(name, summary, folder)
{
    [ModuleInitializer]
    internal static void Register()
    {
        Suites.Add(new Arc("arc-easy", "school science, easy", "ARC-Easy"));
        Suites.Add(new Arc("arc-challenge", "school science, hard", "ARC-Challenge"));
    }

    protected override bool Normalised => true;

    protected override Choice? Ask(Row row, string question, string[] options, int answer) =>
        new(row.Id, "", [.. options.Select(option => new Continuation($"Question: {question}\nAnswer:", " " + option))], answer);
}
