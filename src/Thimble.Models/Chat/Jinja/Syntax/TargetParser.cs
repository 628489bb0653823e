namespace Thimble.Models.Chat;

/// <summary>Reads what a <c>set</c>, <c>for</c> or <c>with</c> assigns to.</summary>
internal sealed class TargetParser(TokenStream tokens)
{
    private static readonly HashSet<string> s_reserved = ["true", "false", "none", "True", "False", "None"];

    public Target Read()
    {
        Target first = One();
        if (!tokens.Current.Is(","))
            return first;
        List<Target> parts = [first];
        while (tokens.Skip(",") && (tokens.Current.Kind == TokenKind.Name || tokens.Current.Is("(")) && !tokens.Current.IsName("in"))
            parts.Add(One());
        return new TupleTarget(parts);
    }

    private Target One()
    {
        if (tokens.Skip("("))
        {
            tokens.Enter();
            Target inside = Read();
            tokens.Leave();
            tokens.Expect(")");
            return inside;
        }
        Token name = tokens.Expect(TokenKind.Name, "a name to assign to");
        if (s_reserved.Contains(name.Text))
            throw TemplateSource.Fault(name.At, $"'{name.Text}' cannot be assigned to.");
        return tokens.Skip(".")
            ? new NamespaceTarget(name.Text, tokens.Expect(TokenKind.Name, "a name after '.'").Text)
            : new NameTarget(name.Text);
    }
}
