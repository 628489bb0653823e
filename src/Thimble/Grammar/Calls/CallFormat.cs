namespace Thimble.Grammar;

/// <summary>Calls of tools as a format.</summary>
/// <param name="Form">How they are written.</param>
/// <param name="Tools">The tools that may be called, and the JSON schemas of what they take.</param>
/// <param name="IsRequired">Whether there must be a call, and nothing else but reasoning before it.</param>
/// <param name="IsSingle">Whether there may be only one.</param>
internal sealed record CallFormat(CallForm Form, IReadOnlyList<(string Name, string Parameters)> Tools, bool IsRequired, bool IsSingle)
{
    /// <summary>The JSON schema of what is said where nothing is called; null for any text.</summary>
    public string? Said { get; init; }

    private bool IsOne => IsSingle || Form.IsAlone;

    /// <summary>What makes two of them one.</summary>
    public string Key => $"{Form.Key}\u0001{IsRequired}\u0001{IsSingle}\u0001{Said}\u0001{string.Join('\u0001', Tools.Select(tool => $"{tool.Name}\u0002{tool.Parameters}"))}";

    /// <summary>What a reply may be: in required calls nothing but these; else any text, in which calls are held to their form.</summary>
    /// <exception cref="ArgumentException">A tool's schema is none, or nothing meets it.</exception>
    /// <exception cref="NotSupportedException">A tool takes what cannot be enforced; the message names it.</exception>
    public Syntax Compile()
    {
        var terms = new Terms();
        Term start = Form.IsHarmony ? new HarmonyReply(terms, this).Whole
            : IsRequired ? Sequence(terms, Form)
            : Said is { } schema ? terms.Choice(Sequence(terms, Form), terms.Sequence(Space(terms), Json(terms, schema)))
            : Free(terms);
        return Syntax.Of(terms, start, hasControls: true);
    }

    /// <summary>A little white space.</summary>
    public static Term Space(Terms terms) => terms.Repeat(terms.Bytes(ByteSet.Range(' ', ' ') | ByteSet.Range('\n', '\n')), 0, 9);

    /// <summary>A mark, as text or as a token of its own.</summary>
    public static Term Mark(Terms terms, string mark) => mark.Length == 0 ? terms.Empty
        : terms.Choice(terms.Literal(mark), terms.Sequence(terms.Literal([TokenTrie.ControlMark]), terms.Literal(mark)));

    /// <summary>Marks with a little white space between.</summary>
    public static Term Marks(Terms terms, string[] marks)
    {
        Term all = terms.Empty;
        for (int i = 0; i < marks.Length; i++)
            all = terms.Sequence(all, i == 0 ? terms.Empty : Space(terms), Mark(terms, marks[i]));
        return all;
    }

    /// <summary>A value by its schema.</summary>
    public static Term Json(Terms terms, string schema) => terms.Call(new FrameRule(JsonSyntax.Compile(schema).Start));

    /// <summary>Any of the tools, as a notation of names and arguments makes it.</summary>
    public Term AnyTool(Terms terms, Func<string, Term, Term> write) => terms.Choice(Tools.Select(tool =>
    {
        var arguments = new ToolArguments(terms, tool.Name, tool.Parameters);
        return write(tool.Name, Form.Notation is { } notation ? arguments.As(notation) : arguments.AsJson());
    }));

    /// <summary>Calls and nothing else.</summary>
    private Term Sequence(Terms terms, CallForm form)
    {
        Term space = Space(terms), behind = Behind(terms, form), one = terms.Sequence(Mark(terms, form.Open), behind);
        Term first = form.IsOpen ? behind : one;
        Term between = form.Between.Length == 0 ? space : terms.Sequence(space, terms.Literal(form.Between), space);
        Term calls = IsOne || form.IsList ? first : terms.Sequence(first, terms.Repeat(terms.Sequence(between, one)));
        Term after = form.After.Length == 0 ? terms.Empty : terms.Optional(terms.Sequence(space, Mark(terms, form.After)));
        return terms.Sequence([space, form.Before.Length == 0 ? terms.Empty : terms.Optional(terms.Sequence(Mark(terms, form.Before), space)), calls, after]);
    }

    /// <summary>Any text, in which calls are held to their form.</summary>
    private Term Free(Terms terms)
    {
        Term any = terms.Everything, quiet = Quiet(terms), start = quiet;
        CallForm? bare = Form.Open.Length == 0 ? Form : Form.Bare;
        if (Form.Open.Length > 0)
        {
            // Behind a call, everything begins anew: rules that lead back to themselves need a name.
            Term mark = terms.Literal(Form.Open), opens = terms.Sequence(any, mark);
            var again = new TermRule("reply") { Nullable = true };
            Term rest = terms.Call(again), behind = terms.Sequence(Behind(terms, Form), IsOne ? terms.Both(quiet, terms.Not(terms.Sequence(opens, any))) : rest);
            Term item = Form.TextHead.Length == 0 ? behind : terms.Choice(behind, terms.Sequence(terms.Literal(Form.TextHead), rest));
            Term before = terms.Both(opens, terms.Not(terms.Sequence(opens, terms.AnyByte, any)), quiet);
            Term reply = terms.Choice(terms.Both(quiet, terms.Not(terms.Sequence(opens, any))), terms.Sequence(before, item));
            again.Body = new(terms, reply, isLast: true);
            start = Form.IsOpen ? item : reply;
        }

        return bare is null ? start : terms.Choice(start, Sequence(terms, bare));
    }

    /// <summary>Texts without the marks of other forms, that do not begin as calls do.</summary>
    private Term Quiet(Terms terms)
    {
        Term any = terms.Everything, text = any;
        foreach (string other in Form.Others)
            text = terms.Both(text, terms.Not(terms.Sequence(any, terms.Literal(other), any)));
        if (Form.Starts.Length == 0)
            return text;
        Term blank = terms.Repeat(terms.Bytes(ByteSet.Range('\t', '\r') | ByteSet.Range(' ', ' ')));
        return terms.Both(text, terms.Not(terms.Sequence(blank, terms.Choice(Form.Starts.Select(first => terms.Literal(first.ToString()))), any)));
    }

    /// <summary>What stands behind the opening mark.</summary>
    private Term Behind(Terms terms, CallForm form)
    {
        Term space = Space(terms), one = AnyTool(terms, (name, arguments) => Call(terms, form, name, arguments));
        if (form.IsList)
        {
            Term rest = IsSingle ? terms.Empty : terms.Repeat(terms.Sequence(space, terms.Literal(","), space, one));
            one = terms.Sequence(terms.Literal("["), space, one, rest, space, terms.Literal("]"));
        }

        Term before = form.Head is null || form.IsList ? space : terms.Empty;
        return form.Close.Length == 0 ? terms.Sequence(before, one) : terms.Sequence(before, one, space, Marks(terms, form.Close));
    }

    private static Term Call(Terms terms, CallForm form, string name, Term arguments)
    {
        Term space = Space(terms), colon = terms.Sequence(space, terms.Literal(":"), space);
        if (form.Head is { } head)
            return terms.Sequence(Head(terms, head, name), space, arguments);
        Term quoted = terms.Sequence(terms.Literal("\""), terms.Literal(new Spelling(terms, isJson: true).Write(name)), terms.Literal("\""));
        if (form.Name.Length == 0)
            return terms.Sequence([terms.Literal("{"), space, quoted, colon, arguments, space, terms.Literal("}")]);
        Term comma = terms.Sequence(space, terms.Literal(","), space);
        Term first = form.FirstId.Length == 0 ? terms.Empty : terms.Optional(terms.Sequence(Id(terms, form.FirstId, colon), comma));
        Term last = form.LastId.Length == 0 ? terms.Empty : terms.Optional(terms.Sequence(comma, Id(terms, form.LastId, colon)));
        return terms.Sequence(
        [
            terms.Literal("{"), space, first, terms.Literal($"\"{form.Name}\""), colon, quoted, comma,
            terms.Literal($"\"{form.Arguments}\""), colon, arguments, last, space, terms.Literal("}"),
        ]);
    }

    private static Term Id(Terms terms, string key, Term colon) =>
        terms.Sequence(terms.Literal($"\"{key}\""), colon, terms.Literal("\""), Letters(terms), terms.Literal("\""));

    /// <summary>A name that a model makes up for a call.</summary>
    private static Term Letters(Terms terms) => terms.Repeat(
        terms.Bytes(ByteSet.Range('0', '9') | ByteSet.Range('a', 'z') | ByteSet.Range('A', 'Z') | ByteSet.Range('_', '_') | ByteSet.Range('-', '-')), 1, 24);

    private static Term Head(Terms terms, string[] head, string name)
    {
        Term digits = terms.Bytes(ByteSet.Range('0', '9'));
        Term all = terms.Empty;
        foreach (string part in head)
        {
            all = terms.Sequence(all, part switch
            {
                "{name}" => terms.Literal(name),
                "{id}" => Letters(terms),
                "{n}" => terms.Repeat(digits, 1, 3),
                _ => Mark(terms, part),
            });
        }

        return all;
    }
}
