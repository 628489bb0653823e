using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Takes a reply apart while it is written: text, reasoning, and calls of tools.</summary>
/// <remarks>
/// <para>Where the reply is cut into pieces makes no difference to what is read, only to how soon. Held back is what may yet turn
/// out to be a mark or the space around one, and a call until it ends; what turns out to be no call is given as text.</para>
/// <para>Cost: bounded for each character; memory for one mark, or one call of at most <see cref="LongestCall"/> characters.</para>
/// </remarks>
internal sealed class ReplyParser
{
    /// <summary>The longest call, in characters; what is longer is text.</summary>
    internal const int LongestCall = 1 << 20;

    private const int LongestSpace = 4096, LongestPending = 8192;

    private readonly ReplyFormat _format;
    private readonly ReplyMark[] _marks;
    private readonly int _longestMark;
    private readonly StringBuilder _text = new(), _block = new();
    private ReplyPartKind _mode = ReplyPartKind.Text;
    private CallSyntax? _call;
    private BlockEnd? _end;
    private string _opener = "", _close = "";
    private int _space;
    private bool _isFresh = true, _isAfterCall, _trims;

    /// <param name="format">How the model writes its replies.</param>
    /// <param name="prompt">The prompt that is replied to: what it opens, the reply is inside of.</param>
    internal ReplyParser(ReplyFormat format, string prompt)
    {
        (_format, _marks) = (format, ReplyMark.Of(format));
        _longestMark = _marks.Length == 0 ? 0 : _marks[0].Text.Length;
        ReadOnlySpan<char> end = prompt.AsSpan(Math.Max(0, prompt.Length - LongestSpace)).TrimEnd();
        foreach (ReplyMark mark in _marks)
        {
            if (!end.EndsWith(mark.Text.AsSpan().TrimEnd()))
                continue;
            if (mark.Kind == ReplyMarkKind.OpensReasoning)
                Think(mark.Close);
            else if (mark.Kind == ReplyMarkKind.OpensCall)
                Begin(mark.Call!, "");
            else
                continue;
            break;
        }
    }

    /// <summary>Takes the next piece of the reply.</summary>
    /// <param name="piece">The piece, cut anywhere.</param>
    /// <param name="parts">Receives what is now known.</param>
    public void Push(ReadOnlySpan<char> piece, List<ReplyPart> parts)
    {
        foreach (char next in piece)
            Take(next, parts);
        Release(parts);
    }

    /// <summary>Ends the reply: gives what was held back. A call that has not ended is given as text.</summary>
    /// <param name="parts">Receives the rest.</param>
    public void End(List<ReplyPart> parts)
    {
        while (_end is not null)
        {
            if (_end.ValueEnd >= 0)
                Complete(_end, parts);
            else
                Refuse(0, parts);
        }

        Say(_text.Length, parts);
    }

    private void Take(char next, List<ReplyPart> parts)
    {
        if (_end is not null)
        {
            _block.Append(next);
            Judge(_end, parts);
            return;
        }

        if (_mode == ReplyPartKind.Text && _isFresh && Starting(next) is { } call && Tail.Space(_text, _text.Length) == 0)
        {
            Begin(call, Held(0));
            Take(next, parts);
            return;
        }

        _text.Append(next);
        _space = char.IsWhiteSpace(next) ? _space + 1 : 0;
        if (Ending(next) is { } mark)
            Act(mark, parts);
        else if (_space == LongestSpace)
            Say(_text.Length, parts);
        else if (_text.Length >= LongestPending)
            Release(parts);
    }

    private CallSyntax? Starting(char next)
    {
        foreach (CallSyntax call in _format.Calls)
        {
            if (call.Starts.Contains(next))
                return call;
        }

        return null;
    }

    /// <summary>The mark that ends here and counts here.</summary>
    private ReplyMark? Ending(char next)
    {
        foreach (ReplyMark mark in _marks)
        {
            if (mark.Text[^1] == next && Counts(mark) && Tail.Is(_text, mark.Text) && (!ComesFirst(mark) || IsBlank(_text.Length - mark.Text.Length)))
                return mark;
        }

        return null;
    }

    /// <summary>Whether a mark counts only where nothing stands before it.</summary>
    private bool ComesFirst(ReplyMark mark) =>
        mark.Kind is ReplyMarkKind.OpensReasoning or ReplyMarkKind.AfterCall
        || (mark.Kind == ReplyMarkKind.ClosesReasoning && _mode == ReplyPartKind.Text);

    private bool Counts(ReplyMark mark) => _mode == ReplyPartKind.Reasoning
        ? mark.Kind switch
        {
            ReplyMarkKind.ClosesReasoning or ReplyMarkKind.Silent => mark.Text == _close,
            ReplyMarkKind.OpensReasoning => _isFresh && mark.Close == _close,
            ReplyMarkKind.OpensCall => mark.Call!.IsSpecial,
            _ => false,
        }
        : mark.Kind switch
        {
            ReplyMarkKind.OpensReasoning or ReplyMarkKind.ClosesReasoning => _isFresh,   // the latter: it had nothing to think about
            ReplyMarkKind.AfterCall => _isAfterCall,
            ReplyMarkKind.OpensCall or ReplyMarkKind.Silent => true,
            _ => false,
        };

    private void Act(ReplyMark mark, List<ReplyPart> parts)
    {
        int before = _text.Length - mark.Text.Length;
        if (mark.Kind == ReplyMarkKind.OpensCall)
        {
            string opener = Held(BeforeCall(before));
            Say(_text.Length, parts);
            Begin(mark.Call!, opener);
            return;
        }

        Held(Tail.Space(_text, before));
        Say(_text.Length, parts);
        _trims = true;
        if (mark.Kind == ReplyMarkKind.OpensReasoning)
            Think(mark.Close);
        else if (_mode == ReplyPartKind.Reasoning)
            (_mode, _isFresh, _isAfterCall) = (ReplyPartKind.Text, true, false);
    }

    private void Think(string close) =>
        (_mode, _close, _isFresh, _trims) = (ReplyPartKind.Reasoning, close, true, true);

    private void Begin(CallSyntax call, string opener)
    {
        (_call, _end, _opener, _mode) = (call, call.End(), opener, ReplyPartKind.Text);
        _block.Clear();
        _space = 0;
    }

    private void Judge(BlockEnd end, List<ReplyPart> parts)
    {
        switch (end.Take(_block))
        {
            case BlockState.Ended:
                Complete(end, parts);
                break;
            case BlockState.Refused:
                Refuse(end.Surplus, parts);
                break;
            default:
                if (_block.Length >= LongestCall && end.ValueEnd >= 0)
                    Complete(end, parts);
                else if (_block.Length >= LongestCall)
                    Refuse(0, parts);
                break;
        }
    }

    /// <summary>Reads the block, whose end is known, and goes on with the characters after it.</summary>
    private void Complete(BlockEnd end, List<ReplyPart> parts)
    {
        IReadOnlyList<ChatToolCall>? calls = end.Opens != ReplyPartKind.Call ? [] : _call!.Read(
            _block.ToString(0, end.ValueStart), _block.ToString(end.ValueStart, end.ValueEnd - end.ValueStart), _format.Tools);
        if (calls is null)
        {
            Refuse(end.Surplus, parts);
            return;
        }

        string rest = Rest(end.Surplus);
        foreach (ChatToolCall call in calls)
            parts.Add(new(ReplyPartKind.Call, "", call));
        _end = null;
        (_isFresh, _isAfterCall, _trims) = (true, end.Opens == ReplyPartKind.Call, true);
        if (end.Opens == ReplyPartKind.Reasoning)
            Think(end.Close);
        Again(rest, parts);
    }

    /// <summary>Gives the block as the text it is, and goes on with its last characters.</summary>
    private void Refuse(int surplus, List<ReplyPart> parts)
    {
        string rest = Rest(surplus);
        _end = null;
        _text.Append(_opener).Append(_block, 0, _block.Length - surplus);
        _block.Clear();
        Say(Tail.Space(_text, _text.Length), parts);
        Again(rest, parts);
    }

    private string Rest(int surplus) => _block.ToString(_block.Length - surplus, surplus);

    private void Again(string rest, List<ReplyPart> parts)
    {
        foreach (char next in rest)
            Take(next, parts);
    }

    /// <summary>Takes the end of what is pending away from it.</summary>
    private string Held(int from)
    {
        string held = _text.ToString(from, _text.Length - from);
        _text.Length = from;
        return held;
    }

    /// <summary>Gives all that no mark can change any more.</summary>
    private void Release(List<ReplyPart> parts)
    {
        if (_end is not null || _text.Length == 0)
            return;
        int mark = Math.Min(_longestMark - 1, _text.Length);
        while (mark > 0 && !BeginsMark(_text.Length - mark))
            mark--;
        Say(BeforeCall(_text.Length - Math.Max(0, mark)), parts);
    }

    private bool BeginsMark(int from)
    {
        foreach (ReplyMark mark in _marks)
        {
            int i = 0;
            while (from + i < _text.Length && i < mark.Text.Length && _text[from + i] == mark.Text[i])
                i++;
            if (from + i == _text.Length)
                return true;
        }

        return false;
    }

    /// <summary>Where the space and the mark that belong to a call begin, if one opens at <paramref name="at"/>.</summary>
    private int BeforeCall(int at)
    {
        at = Tail.Space(_text, at);
        foreach (string mark in _format.Before)
        {
            if (Tail.Is(_text, at, mark))
                return Tail.Space(_text, at - mark.Length);
        }

        return at;
    }

    private bool IsBlank(int length)
    {
        int i = 0;
        while (i < length && char.IsWhiteSpace(_text[i]))
            i++;
        return i == length;
    }

    /// <summary>Gives the beginning of what is pending, in the way that now holds.</summary>
    private void Say(int length, List<ReplyPart> parts)
    {
        int start = 0;
        while (_trims && start < length && char.IsWhiteSpace(_text[start]))
            start++;
        if (start < length)
        {
            parts.Add(new(_mode, _text.ToString(start, length - start)));
            (_isFresh, _isAfterCall, _trims) = (false, false, false);
        }

        _text.Remove(0, length);
        _space = Math.Min(_space, _text.Length);
    }
}
