using System.Globalization;

namespace Thimble.Models.Chat;

/// <summary>Reads expressions: each method is one level of precedence, loosest first.</summary>
/// <remarks>Source: the Jinja 3.1 manual, "Expressions"; filters bind tighter than any operator, <c>**</c> groups from the left.</remarks>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private static readonly HashSet<string> s_comparisons = ["==", "!=", "<", "<=", ">", ">="];

    /// <summary>An expression, with <c>a if b else c</c> unless told otherwise.</summary>
    public Expression Read(bool withConditional = true)
    {
        tokens.Enter();
        Expression result = withConditional ? Conditional() : Or();
        tokens.Leave();
        return result;
    }

    /// <summary>An expression, or several with commas between, which make a tuple.</summary>
    public Expression ReadTuple(bool withConditional = true)
    {
        TemplatePosition at = tokens.Current.At;
        Expression first = Read(withConditional);
        if (!tokens.Current.Is(","))
            return first;
        List<Expression> items = [first];
        while (tokens.Skip(",") && !EndsTuple())
            items.Add(Read(withConditional));
        return new ListExpression(at, items, isTuple: true);
    }

    /// <summary>The calls' arguments after a name.</summary>
    public CallArguments ReadArguments() => new ArgumentParser(tokens, this).Read();

    /// <summary>Filters after a subject, the first one already past its bar.</summary>
    public Expression ReadFilters(Expression subject)
    {
        Expression filtered = Filter(subject);
        while (tokens.Skip("|"))
            filtered = Filter(filtered);
        return filtered;
    }

    private bool EndsTuple() =>
        tokens.Current.Kind is TokenKind.TagEnd or TokenKind.PrintEnd || tokens.Current.Is(")") || tokens.Current.Is("=") || tokens.Current.IsName("in");

    private Expression Conditional()
    {
        Expression result = Or();
        while (tokens.Current.IsName("if"))
        {
            TemplatePosition at = tokens.Take().At;
            Expression condition = Or();
            Expression? otherwise = tokens.SkipName("else") ? Read() : null;
            result = new ConditionalExpression(at, condition, result, otherwise);
        }
        return result;
    }

    private Expression Or()
    {
        Expression left = And();
        while (tokens.Current.IsName("or"))
            left = new LogicExpression(tokens.Take().At, left, And(), stopsAt: true);
        return left;
    }

    private Expression And()
    {
        Expression left = Not();
        while (tokens.Current.IsName("and"))
            left = new LogicExpression(tokens.Take().At, left, Not(), stopsAt: false);
        return left;
    }

    private Expression Not()
    {
        if (!tokens.Current.IsName("not"))
            return Comparison();
        tokens.Enter();
        var result = new NotExpression(tokens.Take().At, Not());
        tokens.Leave();
        return result;
    }

    private Expression Comparison()
    {
        TemplatePosition at = tokens.Current.At;
        Expression first = Sum();
        List<(string, Expression)> rest = [];
        while (ComparisonOperator() is { } operation)
            rest.Add((operation, Sum()));
        return rest.Count == 0 ? first : new ComparisonExpression(at, first, rest);
    }

    private string? ComparisonOperator()
    {
        if (tokens.Current.Kind == TokenKind.Operator && s_comparisons.Contains(tokens.Current.Text))
            return tokens.Take().Text;
        if (tokens.SkipName("in"))
            return "in";
        if (!tokens.Current.IsName("not") || !tokens.Following.IsName("in"))
            return null;
        tokens.Take();
        tokens.Take();
        return "not in";
    }

    private Expression Sum()
    {
        Expression left = Concatenation();
        while (tokens.Current.Is("+") || tokens.Current.Is("-"))
            left = Binary(left, Concatenation);
        return left;
    }

    private Expression Concatenation()
    {
        TemplatePosition at = tokens.Current.At;
        List<Expression> parts = [Product()];
        while (tokens.Skip("~"))
            parts.Add(Product());
        return parts.Count == 1 ? parts[0] : new ConcatenationExpression(at, parts);
    }

    private Expression Product()
    {
        Expression left = Power();
        while (tokens.Current.Is("*") || tokens.Current.Is("/") || tokens.Current.Is("//") || tokens.Current.Is("%"))
            left = Binary(left, Power);
        return left;
    }

    private Expression Power()
    {
        Expression left = Unary(withFilters: true);
        while (tokens.Current.Is("**"))
            left = Binary(left, () => Unary(withFilters: true));
        return left;
    }

    private ArithmeticExpression Binary(Expression left, Func<Expression> right)
    {
        Token operation = tokens.Take();
        return new(operation.At, operation.Text, left, right());
    }

    private Expression Unary(bool withFilters)
    {
        Expression result;
        if (tokens.Current.Is("-") || tokens.Current.Is("+"))
        {
            Token sign = tokens.Take();
            tokens.Enter();
            result = new SignExpression(sign.At, Unary(withFilters: false), isNegative: sign.Text == "-");
            tokens.Leave();
        }
        else
        {
            result = Primary();
        }
        result = Postfix(result);
        return withFilters ? FiltersAndTests(result) : result;
    }

    private Expression Primary()
    {
        Token token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name: return Name(tokens.Take());
            case TokenKind.String: return Text(token.At);
            case TokenKind.Integer when long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long whole):
                tokens.Take();
                return new LiteralExpression(token.At, JinjaValue.Of(whole));
            case TokenKind.Float:
                tokens.Take();
                return new LiteralExpression(token.At, JinjaValue.Of(double.Parse(token.Text, CultureInfo.InvariantCulture)));
            case TokenKind.Operator when token.Text == "(": return Parenthesised();
            case TokenKind.Operator when token.Text == "[": return List();
            case TokenKind.Operator when token.Text == "{": return Dict();
            default: throw tokens.Fault($"expected an expression, got {token}.");
        }
    }

    private Expression Name(Token token)
    {
        JinjaValue? literal = token.Text switch
        {
            "true" or "True" => BooleanValue.True,
            "false" or "False" => BooleanValue.False,
            "none" or "None" => NoneValue.Instance,
            _ => null,
        };
        if (literal is not null)
            return new LiteralExpression(token.At, literal);
        tokens.Mentioned.Add(token.Text);
        return new NameExpression(token.At, token.Text);
    }

    private LiteralExpression Text(TemplatePosition at)
    {
        string text = "";
        while (tokens.Current.Kind == TokenKind.String)
            text += tokens.Take().Text;
        return new(at, JinjaValue.Of(text));
    }

    private Expression Parenthesised()
    {
        TemplatePosition at = tokens.Take().At;
        if (tokens.Skip(")"))
            return new ListExpression(at, [], isTuple: true);
        Expression inside = ReadTuple();
        tokens.Expect(")");
        return inside;
    }

    private ListExpression List()
    {
        TemplatePosition at = tokens.Take().At;
        List<Expression> items = [];
        while (!tokens.Skip("]"))
        {
            if (items.Count > 0)
                tokens.Expect(",");
            if (tokens.Skip("]"))
                break;
            items.Add(Read());
        }
        return new(at, items, isTuple: false);
    }

    private DictExpression Dict()
    {
        TemplatePosition at = tokens.Take().At;
        List<(Expression, Expression)> items = [];
        while (!tokens.Skip("}"))
        {
            if (items.Count > 0)
                tokens.Expect(",");
            if (tokens.Skip("}"))
                break;
            Expression key = Read();
            tokens.Expect(":");
            items.Add((key, Read()));
        }
        return new(at, items);
    }

    private Expression Postfix(Expression subject)
    {
        while (true)
        {
            if (tokens.Current.Is("."))
                subject = Member(subject);
            else if (tokens.Current.Is("["))
                subject = Subscript(subject);
            else if (tokens.Current.Is("("))
                subject = new CallExpression(tokens.Current.At, subject, ReadArguments());
            else
                return subject;
        }
    }

    private Expression Member(Expression subject)
    {
        TemplatePosition at = tokens.Take().At;
        if (tokens.Current.Kind == TokenKind.Integer)
            return new ItemExpression(at, subject, Primary());
        return new AttributeExpression(at, subject, tokens.Expect(TokenKind.Name, "a name after '.'").Text);
    }

    private Expression Subscript(Expression subject)
    {
        TemplatePosition at = tokens.Take().At;
        Expression? start = tokens.Current.Is(":") ? null : ReadTuple();
        if (!tokens.Skip(":"))
        {
            tokens.Expect("]");
            return new ItemExpression(at, subject, start!);
        }
        Expression? stop = tokens.Current.Is(":") || tokens.Current.Is("]") ? null : Read();
        Expression? step = tokens.Skip(":") && !tokens.Current.Is("]") ? Read() : null;
        tokens.Expect("]");
        return new SliceExpression(at, subject, start, stop, step);
    }

    private Expression FiltersAndTests(Expression subject)
    {
        while (true)
        {
            if (tokens.Skip("|"))
                subject = Filter(subject);
            else if (tokens.Current.IsName("is"))
                subject = Test(subject);
            else if (tokens.Current.Is("("))
                subject = new CallExpression(tokens.Current.At, subject, ReadArguments());
            else
                return subject;
        }
    }

    private FilterExpression Filter(Expression subject)
    {
        Token name = DottedName("a filter's name");
        return new(name.At, name.Text, subject, tokens.Current.Is("(") ? ReadArguments() : CallArguments.None);
    }

    private Expression Test(Expression subject)
    {
        tokens.Take();
        bool isNegated = tokens.SkipName("not");
        Token name = DottedName("a test's name");
        CallArguments arguments = CallArguments.None;
        if (tokens.Current.Is("("))
            arguments = ReadArguments();
        else if (TakesOperand())
            arguments = CallArguments.Of(Postfix(Primary()));
        var test = new TestExpression(name.At, name.Text, subject, arguments);
        return isNegated ? new NotExpression(name.At, test) : test;
    }

    private bool TakesOperand() => tokens.Current.Kind switch
    {
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        TokenKind.Operator => tokens.Current.Text is "[" or "{",
        TokenKind.Name when tokens.Current.Text == "is" => throw tokens.Fault("a test cannot follow another with 'is'."),
        TokenKind.Name => tokens.Current.Text is not ("else" or "or" or "and"),
        _ => false,
    };

    private Token DottedName(string what)
    {
        Token name = tokens.Expect(TokenKind.Name, what);
        while (tokens.Skip("."))
            name = name with { Text = $"{name.Text}.{tokens.Expect(TokenKind.Name, what).Text}" };
        return name;
    }
}
