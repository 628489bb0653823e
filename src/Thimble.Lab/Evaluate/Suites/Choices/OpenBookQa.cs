using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>Questions that a book of elementary science answers together with common sense.</summary>
/// <remarks>Source: Mihaylov et al., "Can a Suit of Armor Conduct Electricity?", 2018.</remarks>
internal sealed class OpenBookQa() : AdapterSet("openbookqa", "elementary science, four options", "openbookqa")
{
    [ModuleInitializer]
    internal static void Register() => Suites.Add(new OpenBookQa());

    protected override bool Normalised => true;

    protected override Choice? Ask(Row row, string question, string[] options, int answer) =>
        new(row.Id, "", [.. options.Select(option => new Continuation($"{question}", " " + option))], answer);
}
