namespace Thimble.Models.Chat;

/// <summary>Reads the statements of a template.</summary>
internal sealed class StatementParser
{
    private const string Known =
        "break, call, continue, filter, for, generation, if, macro, print, raw, set, with";

    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private readonly TargetParser _targets;
    private int _loops;

    private StatementParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new(tokens);
        _targets = new(tokens);
    }

    /// <summary>Reads a whole template.</summary>
    /// <exception cref="InvalidDataException">The template is malformed.</exception>
    public static BlockStatement Read(string template) => new StatementParser(new(Lexer.Read(template))).Body();

    /// <summary>Statements up to one of the tags named, whose name is taken; up to the end where none is.</summary>
    private BlockStatement Body(params ReadOnlySpan<string> ends)
    {
        List<Statement> body = [];
        TemplatePosition at = _tokens.Current.At;
        _tokens.Enter();
        while (true)
        {
            Token token = _tokens.Take();
            if (token.Kind == TokenKind.End)
            {
                _tokens.Leave();
                return ends.Length == 0 ? new(body) : throw _tokens.Fault($"the block at {at} misses its '{{% {ends[^1]} %}}'.");
            }
            if (token.Kind == TokenKind.Text)
                body.Add(new TextStatement(token.Text));
            else if (token.Kind == TokenKind.PrintBegin)
                body.Add(Print(token.At, TokenKind.PrintEnd));
            else if (_tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Text))
                break;
            else
                body.Add(Tag(_tokens.Expect(TokenKind.Name, "a tag's name")));
        }
        _tokens.Leave();
        return new(body);
    }

    private BlockStatement BodyTo(string end)
    {
        CloseTag();
        BlockStatement body = Body(end);
        _tokens.Take();
        CloseTag();
        return body;
    }

    private void CloseTag() => _tokens.Expect(TokenKind.TagEnd, "'%}'");

    private PrintStatement Print(TemplatePosition at, TokenKind end)
    {
        Expression value = _expressions.ReadTuple();
        _tokens.Expect(end, end == TokenKind.PrintEnd ? "'}}'" : "'%}'");
        return new(at, value);
    }

    private Statement Tag(Token tag) => tag.Text switch
    {
        "if" => If(tag.At),
        "for" => For(tag.At),
        "set" => Set(tag.At),
        "macro" => Macro(),
        "print" => Print(tag.At, TokenKind.TagEnd),
        "call" => Call(tag.At),
        "filter" => Filter(tag.At),
        "with" => With(),
        "generation" => BodyTo("endgeneration"),
        "break" => Exit(Flow.Break),
        "continue" => Exit(Flow.Continue),
        _ => throw TemplateSource.Fault(tag.At, $"the tag '{tag.Text}' is unknown or stands at the wrong place; known: {Known}."),
    };

    private IfStatement If(TemplatePosition at)
    {
        Expression condition = _expressions.ReadTuple(withConditional: false);
        CloseTag();
        BlockStatement body = Body("elif", "else", "endif");
        Token end = _tokens.Take();
        Statement? otherwise = null;
        if (end.Text == "elif")
        {
            _tokens.Enter();
            otherwise = If(end.At);
            _tokens.Leave();
        }
        else if (end.Text == "else")
        {
            otherwise = BodyTo("endif");
        }
        else
        {
            CloseTag();
        }
        return new(at, condition, body, otherwise);
    }

    private ForStatement For(TemplatePosition at)
    {
        Target target = _targets.Read();
        if (!_tokens.SkipName("in"))
            throw _tokens.Fault($"expected 'in', got {_tokens.Current}.");
        Expression list = _expressions.ReadTuple(withConditional: false);
        Expression? condition = _tokens.SkipName("if") ? _expressions.Read() : null;
        bool isRecursive = _tokens.SkipName("recursive");
        CloseTag();
        _loops++;
        BlockStatement body = Body("else", "endfor");
        _loops--;
        BlockStatement? otherwise = null;
        if (_tokens.Take().Text == "else")
            otherwise = BodyTo("endfor");
        else
            CloseTag();
        return new(at, target, list, condition, body, otherwise, isRecursive);
    }

    private LoopExitStatement Exit(Flow flow)
    {
        if (_loops == 0)
            throw _tokens.Fault("'break' and 'continue' stand inside a loop only.");
        CloseTag();
        return new(flow);
    }

    private Statement Set(TemplatePosition at)
    {
        Target target = _targets.Read();
        if (_tokens.Skip("="))
        {
            Expression value = _expressions.ReadTuple();
            CloseTag();
            return new SetStatement(at, target, value);
        }
        var text = new CapturedExpression(at);
        Expression filtered = _tokens.Skip("|") ? _expressions.ReadFilters(text) : text;
        return new CaptureStatement(at, BodyTo("endset"), text, filtered, target);
    }

    private FilterStatement Filter(TemplatePosition at)
    {
        var text = new CapturedExpression(at);
        Expression filtered = _expressions.ReadFilters(text);
        return new(at, BodyTo("endfilter"), filtered);
    }

    private WithStatement With()
    {
        List<(Target, Expression)> values = [];
        while (_tokens.Current.Kind != TokenKind.TagEnd)
        {
            if (values.Count > 0)
                _tokens.Expect(",");
            Target target = _targets.Read();
            _tokens.Expect("=");
            values.Add((target, _expressions.Read()));
        }
        return new(values, BodyTo("endwith"));
    }

    private MacroStatement Macro()
    {
        Token name = _tokens.Expect(TokenKind.Name, "a macro's name");
        return new(name.Text, MacroBody(name.Text, Parameters(), "endmacro"));
    }

    private CallStatement Call(TemplatePosition at)
    {
        List<MacroParameter> parameters = _tokens.Current.Is("(") ? Parameters() : [];
        Expression call = _expressions.Read();
        if (call is not CallExpression called)
            throw TemplateSource.Fault(at, "'call' wants a call, such as {% call name() %}.");
        return new(at, called, MacroBody("caller", parameters, "endcall"));
    }

    private MacroBody MacroBody(string name, List<MacroParameter> parameters, string end)
    {
        (HashSet<string> outer, int loops) = (_tokens.Mentioned, _loops);
        (_tokens.Mentioned, _loops) = ([], 0);
        BlockStatement body = BodyTo(end);
        var macro = new MacroBody(name, parameters, body, _tokens.Mentioned.Contains("varargs"), _tokens.Mentioned.Contains("kwargs"));
        outer.UnionWith(_tokens.Mentioned);
        (_tokens.Mentioned, _loops) = (outer, loops);
        return macro;
    }

    private List<MacroParameter> Parameters()
    {
        List<MacroParameter> parameters = [];
        _tokens.Expect("(");
        while (!_tokens.Skip(")"))
        {
            if (parameters.Count > 0)
                _tokens.Expect(",");
            if (_tokens.Skip(")"))
                break;
            string name = _tokens.Expect(TokenKind.Name, "a parameter's name").Text;
            Expression? standard = _tokens.Skip("=") ? _expressions.Read() : null;
            parameters.Add(new(name, standard));
        }
        return parameters;
    }
}
