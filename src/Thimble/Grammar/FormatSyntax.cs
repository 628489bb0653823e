namespace Thimble.Grammar;

/// <summary>From formats to grammars.</summary>
internal static class FormatSyntax
{
    /// <summary>Compiles a format.</summary>
    /// <exception cref="ArgumentException">It is wrong, or no text fits it.</exception>
    /// <exception cref="NotSupportedException">It asks for what cannot be enforced; the message names it.</exception>
    /// <exception cref="CapacityException">It is too large.</exception>
    public static Syntax Compile(OutputFormat format)
    {
        Syntax syntax = format.Kind switch
        {
            FormatKind.Regex => OfRegex(format.Text),
            FormatKind.Choice => OfChoice(format.Text.Split('\0')),
            FormatKind.Grammar => GbnfSyntax.Compile(format.Text),
            FormatKind.Calls => format.Calls!.Compile(),
            _ => JsonSyntax.Compile(format.Text),
        };
        if (format.After is null && format.Triggers.Count == 0)
            return syntax with { HasControls = syntax.HasControls || format.HasControls };
        return Behind(format, syntax);
    }

    private static Syntax OfRegex(string pattern)
    {
        var spelling = new Spelling(new(), isJson: false);
        return Syntax.Of(spelling.Terms, new RegexTerms(spelling).Whole(RegexParser.Parse(pattern)));
    }

    private static Syntax OfChoice(string[] texts)
    {
        var terms = new Terms();
        return Syntax.Of(terms, terms.Literals(texts.Select(System.Text.Encoding.UTF8.GetBytes)));
    }

    /// <summary>Free text up to a mark, and the format behind it.</summary>
    private static Syntax Behind(OutputFormat format, Syntax syntax)
    {
        var terms = new Terms();
        Term any = terms.Everything, call = terms.Call(new FrameRule(syntax.Start));
        Term start = call;
        if (format.Triggers.Count > 0)
        {
            Term mark = terms.Choice(format.Triggers.Select(trigger => terms.Literal(trigger)));
            start = terms.Choice(terms.Sequence(First(mark), call), terms.Not(terms.Sequence(any, mark, any)));
        }

        Term space = terms.Repeat(terms.Bytes(ByteSet.Range('\n', '\n') | ByteSet.Range(' ', ' ')), 0, 4);
        if (format.After is { } after)
        {
            Term behind = terms.Sequence(First(terms.Literal(after)), space, start);
            start = format.MayOpen is not { } opener ? behind
                : terms.Choice(start, terms.Sequence(space, terms.Optional(terms.Literal([TokenTrie.ControlMark])), terms.Literal(opener), behind));
        }

        return Syntax.Of(terms, start, hasControls: true);

        // Up to a mark that comes for the first time.
        Term First(Term mark) => terms.Both(terms.Sequence(any, mark), terms.Not(terms.Sequence(any, mark, terms.AnyByte, any)));
    }
}
