namespace Thimble.Models.Chat;

/// <summary>Cuts a template into tokens, with the white space that <c>-</c>, <c>+</c>, trim_blocks and lstrip_blocks take away already gone.</summary>
/// <remarks>Source: the Jinja 3.1 manual, "Whitespace Control". Blocks are always trimmed, as Hugging Face's transformers sets them:
/// a line end right after a tag or comment goes, and so do the blanks before one that begins its line.</remarks>
internal sealed class Lexer
{
    private readonly TemplateSource _source;
    private readonly string _text;
    private readonly List<Token> _tokens = [];
    private int _at;
    private bool _lineStarts = true;

    private Lexer(string template)
    {
        _source = new(template);
        _text = _source.Text;
    }

    public static List<Token> Read(string template)
    {
        var lexer = new Lexer(template);
        while (lexer.Piece())
        {
        }
        lexer._tokens.Add(new(TokenKind.End, "", lexer._source.At(lexer._text.Length)));
        return lexer._tokens;
    }

    private bool Piece()
    {
        int open = NextTag(_at);
        if (open < 0)
        {
            AddText(_at, _text.Length);
            return false;
        }
        char kind = _text[open + 1];
        int inside = open + 2;
        char sign = inside < _text.Length && _text[inside] is '-' or '+' ? _text[inside++] : ' ';
        AddText(_at, TextEnd(_at, open, sign, kind != '{'));
        _at = inside;
        switch (kind)
        {
            case '#': Comment(open); break;
            case '{': Words(open, TokenKind.PrintBegin, TokenKind.PrintEnd, "}}"); break;
            case var _ when RawBegin(inside) is int raw and >= 0: Raw(open, raw); break;
            default: Words(open, TokenKind.TagBegin, TokenKind.TagEnd, "%}"); break;
        }
        _lineStarts = _text[_at - 1] == '\n';
        return true;
    }

    private int NextTag(int from)
    {
        for (int i = _text.IndexOf('{', from); i >= 0 && i + 1 < _text.Length; i = _text.IndexOf('{', i + 1))
        {
            if (_text[i + 1] is '{' or '%' or '#')
                return i;
        }
        return -1;
    }

    private void AddText(int from, int to)
    {
        if (to > from)
            _tokens.Add(new(TokenKind.Text, _text[from..to], _source.At(from)));
    }

    /// <summary>Where the text before a tag ends once the tag has taken its white space.</summary>
    private int TextEnd(int from, int open, char sign, bool isBlock)
    {
        int end = open;
        if (sign == '-')
        {
            while (end > from && PythonText.IsSpace(_text[end - 1]))
                end--;
            return end;
        }
        if (sign == '+' || !isBlock)
            return open;
        while (end > from && _text[end - 1] != '\n' && PythonText.IsSpace(_text[end - 1]))
            end--;
        bool beginsLine = end > from ? _text[end - 1] == '\n' : _lineStarts;
        return beginsLine ? end : open;
    }

    private void Comment(int open)
    {
        int close = _text.IndexOf("#}", _at, StringComparison.Ordinal);
        if (close < 0)
            throw _source.Fault(open, "a comment has no end '#}'.");
        char sign = close > _at ? _text[close - 1] : ' ';
        _at = AfterTag(close + 2, sign);
    }

    private int AfterTag(int at, char sign)
    {
        if (sign == '-')
        {
            while (at < _text.Length && PythonText.IsSpace(_text[at]))
                at++;
        }
        else if (sign != '+' && at < _text.Length && _text[at] == '\n')
        {
            at++;
        }
        return at;
    }

    private void Words(int open, TokenKind begin, TokenKind end, string close)
    {
        _tokens.Add(new(begin, "", _source.At(open)));
        var words = new WordLexer(_source, _tokens);
        int closeAt = words.Read(_at, close);
        if (closeAt < 0)
            throw _source.Fault(open, $"a tag has no end '{close}'.");
        _tokens.Add(new(end, "", _source.At(closeAt)));
        char sign = _text[closeAt] is '-' or '+' ? _text[closeAt++] : ' ';
        _at = begin == TokenKind.TagBegin || sign == '-' ? AfterTag(closeAt + 2, sign) : closeAt + 2;
    }

    /// <summary>The end of a tag <c>{% raw %}</c> whose inside begins here, or -1.</summary>
    private int RawBegin(int inside) => Keyword(inside, "raw", out _) is int end and >= 0 ? end : -1;

    /// <summary>The end of a tag that holds one word alone, or -1; <paramref name="sign"/> is the one before its end.</summary>
    private int Keyword(int at, string word, out char sign)
    {
        sign = ' ';
        at = SkipSpace(at);
        if (string.CompareOrdinal(_text, at, word, 0, word.Length) != 0)
            return -1;
        at = SkipSpace(at + word.Length);
        if (at < _text.Length && _text[at] is '-' or '+')
            sign = _text[at++];
        return string.CompareOrdinal(_text, at, "%}", 0, 2) == 0 ? at + 2 : -1;
    }

    private int SkipSpace(int at)
    {
        while (at < _text.Length && PythonText.IsSpace(_text[at]))
            at++;
        return at;
    }

    private void Raw(int open, int begin)
    {
        if (_text[begin - 3] == '-')
            begin = SkipSpace(begin);
        _lineStarts = _text[begin - 1] == '\n';
        for (int i = _text.IndexOf("{%", begin, StringComparison.Ordinal); i >= 0; i = _text.IndexOf("{%", i + 1, StringComparison.Ordinal))
        {
            int inside = i + 2;
            char first = inside < _text.Length && _text[inside] is '-' or '+' ? _text[inside++] : ' ';
            int end = Keyword(inside, "endraw", out char last);
            if (end < 0)
                continue;
            AddText(begin, TextEnd(begin, i, first, isBlock: true));
            _at = AfterTag(end, last);
            return;
        }
        throw _source.Fault(open, "a raw block has no '{% endraw %}'.");
    }
}
