using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>Sentences with a gap that one of two names fits: each is put in, and the rest of the sentence is scored after it.</summary>
/// <remarks>Source: Sakaguchi et al., "WinoGrande", 2019; scoring the rest is Trinh and Le, "A Simple Method for Commonsense Reasoning", 2018,
/// as lm-evaluation-harness does it.</remarks>
internal sealed class WinoGrande() : AdapterSet("winogrande", "which of two names fits a gap", "winogrande")
{
    [ModuleInitializer]
    internal static void Register() => Suites.Add(new WinoGrande());

    public override string Method => "acc: likelier rest of the sentence behind the name, as lm-evaluation-harness scores it.";

    protected override Choice? Ask(Row row, string question, string[] options, int answer)
    {
        int gap = question.IndexOf('_', StringComparison.Ordinal);
        string rest = gap < 0 ? "" : question[(gap + 1)..].Trim();
        if (rest.Length == 0)
        {
            row.Refuse("the sentence has no gap '_' with something behind it");
            return null;
        }

        return new(row.Id, "", [.. options.Select(option => new Continuation(question[..gap] + option, " " + rest))], answer);
    }
}
