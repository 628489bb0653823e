using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>Questions that people typed, answered yes or no.</summary>
/// <remarks>Source: Clark et al., "BoolQ", 2019. The LLM-Adapters files lack its passages, so numbers compare among themselves only.</remarks>
internal sealed class BoolQ() : AdapterSet("boolq", "yes or no, without the passage", "boolq")
{
    [ModuleInitializer]
    internal static void Register() => Suites.Add(new BoolQ());

    public override string Method => base.Method + " The passages are not in this data: numbers do not compare with published ones.";

    protected override Choice? Ask(Row row, string question, string[] options, int answer) =>
        new(row.Id, "", [.. options.Select(option => new Continuation($"Question: {question}\nAnswer:", option == "true" ? " yes" : " no"))], answer);
}
