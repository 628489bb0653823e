using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Walks the tokens of a template.</summary>
internal sealed class TokenStream(List<Token> tokens)
{
    private const int MaximumNesting = 200;

    private int _at, _nesting;

    public Token Current => tokens[_at];

    public Token Following => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    /// <summary>Every name seen since the last reset: a macro learns from it whether its body asks for <c>varargs</c>.</summary>
    public HashSet<string> Mentioned { get; set; } = [];

    public Token Take()
    {
        Token token = tokens[_at];
        if (token.Kind != TokenKind.End)
            _at++;
        return token;
    }

    public bool Skip(string symbol)
    {
        if (!Current.Is(symbol))
            return false;
        _at++;
        return true;
    }

    public bool SkipName(string name)
    {
        if (!Current.IsName(name))
            return false;
        _at++;
        return true;
    }

    public void Expect(string symbol)
    {
        if (!Skip(symbol))
            throw Fault($"expected '{symbol}', got {Current}.");
    }

    public Token Expect(TokenKind kind, string what) =>
        Current.Kind == kind ? Take() : throw Fault($"expected {what}, got {Current}.");

    /// <summary>Goes one level further into brackets or blocks.</summary>
    public void Enter()
    {
        if (++_nesting > MaximumNesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Fault($"brackets and blocks nest deeper than {MaximumNesting} levels.");
    }

    public void Leave() => _nesting--;

    public InvalidDataException Fault(string message) => TemplateSource.Fault(Current.At, message);
}
