namespace Thimble.Models.Chat;

/// <summary>Reads the bracketed arguments of a call: by place, by name, and <c>*list</c> or <c>**dict</c> to spread.</summary>
internal sealed class ArgumentParser(TokenStream tokens, ExpressionParser expressions)
{
    public CallArguments Read()
    {
        tokens.Expect("(");
        List<Expression> places = [];
        List<(string, Expression)> names = [];
        Expression? spread = null, spreadNames = null;
        for (bool isFirst = true; !tokens.Skip(")"); isFirst = false)
        {
            if (!isFirst)
                tokens.Expect(",");
            if (tokens.Skip(")"))
                break;
            if (tokens.Skip("**"))
                spreadNames = expressions.Read();
            else if (tokens.Skip("*"))
                spread = expressions.Read();
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Following.Is("="))
                names.Add(Named());
            else if (names.Count > 0 || spreadNames is not null)
                throw tokens.Fault("an argument by place stands after one by name.");
            else
                places.Add(expressions.Read());
        }
        return new(places, names, spread, spreadNames);
    }

    private (string, Expression) Named()
    {
        string name = tokens.Take().Text;
        tokens.Take();
        return (name, expressions.Read());
    }
}
