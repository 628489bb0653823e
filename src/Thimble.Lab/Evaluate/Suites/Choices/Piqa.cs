using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>Everyday goals with two ways to reach them, one of which works.</summary>
/// <remarks>Source: Bisk et al., "PIQA", 2020.</remarks>
internal sealed class Piqa() : AdapterSet("piqa", "physical common sense, two options", "piqa")
{
    [ModuleInitializer]
    internal static void Register() => Suites.Add(new Piqa());

    protected override bool Normalised => true;

    protected override Choice? Ask(Row row, string question, string[] options, int answer) =>
        new(row.Id, "", [.. options.Select(option => new Continuation($"Question: {question}\nAnswer:", " " + option))], answer);
}
