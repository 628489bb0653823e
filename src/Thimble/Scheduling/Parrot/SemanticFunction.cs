using System.Text.RegularExpressions;

namespace Thimble.Scheduling;

/// <summary>A prompt with named gaps: <c>{{input:name}}</c> is filled with a value, <c>{{output:name}}</c> is what the model writes there.</summary>
/// <remarks>Outputs may be followed by more text, inputs and outputs; all of it is one text to the model.</remarks>
/// <example><code>
/// var summarise = new SemanticFunction("Text: {{input:text}}\nSummary:{{output:summary}}");
/// </code></example>
public sealed partial class SemanticFunction
{
    /// <summary>Reads a template.</summary>
    /// <param name="template">The text with its gaps.</param>
    /// <exception cref="ArgumentException">It has no output, or an output's name comes twice or is an input's too.</exception>
    public SemanticFunction(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        Template = template;
        List<TemplatePiece> pieces = [];
        int at = 0;
        foreach (Match gap in Gap().Matches(template))
        {
            if (gap.Index > at)
                pieces.Add(new(PieceKind.Constant, template[at..gap.Index]));
            pieces.Add(new(gap.Groups[1].Value == "input" ? PieceKind.Input : PieceKind.Output, gap.Groups[2].Value));
            at = gap.Index + gap.Length;
        }

        if (at < template.Length)
            pieces.Add(new(PieceKind.Constant, template[at..]));
        Pieces = pieces;
        Inputs = [.. Names(PieceKind.Input).Distinct(StringComparer.Ordinal)];
        Outputs = [.. Names(PieceKind.Output)];
        if (Outputs.Count == 0)
            throw new ArgumentException("The template has no {{output:name}}, so nothing would be written.", nameof(template));
        if (Outputs.Distinct(StringComparer.Ordinal).Count() < Outputs.Count || Outputs.Any(Inputs.Contains))
            throw new ArgumentException("The template names an output twice, or as an input too; every output has one place.", nameof(template));
    }

    /// <summary>The text with its gaps.</summary>
    public string Template { get; }

    /// <summary>Names of its inputs.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>Names of its outputs, in order.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>Constants and gaps, in order.</summary>
    internal IReadOnlyList<TemplatePiece> Pieces { get; }

    private IEnumerable<string> Names(PieceKind kind) => Pieces.Where(piece => piece.Kind == kind).Select(piece => piece.Text);

    [GeneratedRegex(@"\{\{(input|output):([A-Za-z_][A-Za-z0-9_.\-]{0,127})\}\}")]
    private static partial Regex Gap();
}

/// <summary>What a piece of a template is.</summary>
internal enum PieceKind
{
    /// <summary>Text.</summary>
    Constant,

    /// <summary>A gap filled with a value.</summary>
    Input,

    /// <summary>A gap in which the model writes.</summary>
    Output,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The text, or the gap's name.</param>
internal readonly record struct TemplatePiece(PieceKind Kind, string Text);
