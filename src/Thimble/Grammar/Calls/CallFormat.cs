namespace Thimble.Grammar;

/// <summary>Calls of tools as a format.</summary>
/// <param name="Form">How they are written.</param>
/// <param name="Tools">The tools that may be called, and the JSON schemas of what they take.</param>
/// <param name="IsRequired">Whether there must be a call, and nothing else but reasoning before it.</param>
/// <param name="IsSingle">Whether there may be only one.</param>
internal sealed record CallFormat(CallForm Form, IReadOnlyList<(string Name, string Parameters)> Tools, bool IsRequired, bool IsSingle)
{
    /// <summary>What makes two of them one.</summary>
    public string Key => $"{Form}\u0001{IsRequired}\u0001{IsSingle}\u0001{string.Join('\u0001', Tools.Select(tool => $"{tool.Name}\u0002{tool.Parameters}"))}";

    /// <summary>What a reply may be: in required calls nothing but these; else any text, in which calls are held to their form.</summary>
    public Syntax Compile()
    {
        var terms = new Terms();
        Term space = terms.Repeat(terms.Bytes(ByteSet.Range(' ', ' ') | ByteSet.Range('\n', '\n')), 0, 4);
        Term open = Mark(terms, Form.Open), calls = terms.Sequence(open, Behind(terms, space));
        if (IsRequired)
            return Syntax.Of(terms, terms.Sequence(space, IsSingle || Form.IsList ? calls : More(terms, space, calls)), hasControls: true);

        Term any = terms.Everything;
        if (Form.Open.Length == 0)
        {
            Term other = terms.Bytes(~(ByteSet.Range('{', '{') | ByteSet.Range(' ', ' ') | ByteSet.Range('\n', '\n')));
            return Syntax.Of(terms, terms.Choice(terms.Sequence(space, calls), terms.Sequence(space, other, any), terms.Empty), hasControls: true);
        }

        // Behind a call, everything begins anew: rules that lead back to themselves need a name.
        Term mark = terms.Literal(Form.Open);
        Term free = terms.Not(terms.Sequence(any, mark, any)), before = terms.Both(terms.Sequence(any, mark), terms.Not(terms.Sequence(any, mark, terms.AnyByte, any)));
        var again = new TermRule("reply") { Nullable = true };
        Term reply = terms.Choice(free, terms.Sequence(before, Behind(terms, space), terms.Call(again)));
        again.Body = new(terms, reply, isLast: true);
        return Syntax.Of(terms, reply, hasControls: true);
    }

    private static Term Mark(Terms terms, string mark) => mark.Length == 0 ? terms.Empty
        : terms.Choice(terms.Literal(mark), terms.Sequence(terms.Literal([TokenTrie.ControlMark]), terms.Literal(mark)));

    private static Term More(Terms terms, Term space, Term call) => terms.Sequence(call, terms.Repeat(terms.Sequence(space, call)));

    /// <summary>What stands behind the opening mark.</summary>
    private Term Behind(Terms terms, Term space)
    {
        Term one = terms.Choice(Tools.Select(tool => Call(terms, space, tool.Name, tool.Parameters)));
        if (Form.IsList)
        {
            Term rest = IsSingle ? terms.Empty : terms.Repeat(terms.Sequence(space, terms.Literal(","), space, one));
            one = terms.Sequence(terms.Literal("["), space, one, rest, space, terms.Literal("]"));
        }

        return Form.Close.Length == 0 ? terms.Sequence(space, one) : terms.Sequence(space, one, space, Mark(terms, Form.Close));
    }

    private Term Call(Terms terms, Term space, string name, string parameters)
    {
        Term arguments = terms.Call(new FrameRule(JsonSyntax.Compile(parameters, isObject: true).Start));
        if (Form.Between is { } between)
        {
            // Kimi counts its calls, and so names them.
            Term named = Form.Open.StartsWith("<|tool_call", StringComparison.Ordinal)
                ? terms.Sequence(terms.Optional(terms.Literal("functions.")), terms.Literal(name), terms.Literal(":"), terms.Repeat(terms.Bytes(ByteSet.Range('0', '9')), 1, 3))
                : terms.Literal(name);
            return terms.Sequence(named, Mark(terms, between), arguments);
        }

        Term colon = terms.Sequence(space, terms.Literal(":"), space);
        byte[] quoted = new Spelling(terms, isJson: true).Write(name);
        return terms.Sequence(
        [
            terms.Literal("{"), space, terms.Literal($"\"{Form.Name}\""), colon, terms.Literal("\""), terms.Literal(quoted), terms.Literal("\""), space,
            terms.Literal(","), space, terms.Literal($"\"{Form.Arguments}\""), colon, arguments, space, terms.Literal("}"),
        ]);
    }
}
