namespace Thimble.Models.Chat;

/// <summary>A way of replying that a line of models shares: the marks around calls and reasoning.</summary>
/// <param name="Name">The name it goes by.</param>
/// <param name="Signature">The texts that a template of the line holds, all of them. Where several lines fit, the longest signature wins.</param>
internal sealed record ReplyFamily(string Name, params string[] Signature)
{
    /// <summary>The ways it writes calls; where two have one opening mark, the first counts.</summary>
    public IReadOnlyList<CallSyntax> Calls { get; init; } = [];

    /// <summary>Marks that may stand before a call and mean nothing elsewhere.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>Marks that may stand after a call and mean nothing elsewhere.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Marks that are never part of what is said.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>Marks around reasoning beside those in <see cref="ThinkingMarks"/>.</summary>
    public IReadOnlyList<(string Open, string Close)> Thinking { get; init; } = [];

    /// <summary>Whether every reply is written so, with tools on offer or without.</summary>
    public bool IsAlways { get; init; }

    /// <summary>How well a template fits: the length of the signature, or zero where a part of it is missing.</summary>
    public int Fit(string template) =>
        Signature.Length > 0 && Signature.All(mark => template.Contains(mark, StringComparison.Ordinal)) ? Signature.Sum(mark => mark.Length) : 0;
}
