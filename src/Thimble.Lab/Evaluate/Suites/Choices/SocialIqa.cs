using System.Runtime.CompilerServices;

namespace Thimble.Lab.Evaluate;

/// <summary>What people feel, want and do next.</summary>
/// <remarks>Source: Sap et al., "Social IQa", 2019.</remarks>
internal sealed class SocialIqa() : AdapterSet("siqa", "social common sense, three options", "social_i_qa")
{
    [ModuleInitializer]
    internal static void Register() => Suites.Add(new SocialIqa());

    protected override Choice? Ask(Row row, string question, string[] options, int answer) =>
        new(row.Id, "", [.. options.Select(option => new Continuation($"Q: {question}\nA:", " " + option))], answer);
}
