namespace Thimble.Models.Tokens;

/// <summary>Runs the program of a <see cref="Pattern"/>; one a thread.</summary>
internal sealed class PatternMachine
{
    private const int Kept = 1 << 16;
    [ThreadStatic]
    private static PatternMachine? s_mine;
    private Choice[] _stack = new Choice[64];
    private int _depth;

    public static PatternMachine Mine => s_mine ??= new();

    public int Run(Pattern.Step[] steps, ReadOnlySpan<byte> text, int at)
    {
        if (_stack.Length > Kept)
            _stack = new Choice[64];
        _depth = 0;
        return Run(steps, text, 0, at);
    }

    private int Run(Pattern.Step[] steps, ReadOnlySpan<byte> text, int step, int at)
    {
        int floor = _depth;
        while (true)
        {
            Pattern.Step now = steps[step];
            int next = step + 1;
            switch (now.Kind)
            {
                case PatternStep.Accept:
                    _depth = floor;
                    return at;
                case PatternStep.One:
                    at = at < text.Length && now.Set!.Contains(CodePoint.At(text, at, out int length)) ? at + length : -1;
                    break;
                case PatternStep.Run:
                    at = TakeRun(now, text, at, next);
                    break;
                case PatternStep.Split:
                    Push(new(now.Second, at, at));
                    next = now.First;
                    break;
                case PatternStep.Jump:
                    next = now.First;
                    break;
                case PatternStep.Atomic:
                    at = Run(steps, text, next, at);
                    next = now.First;
                    break;
                case PatternStep.Look or PatternStep.NotLook:
                    at = Run(steps, text, next, at) >= 0 == (now.Kind == PatternStep.Look) ? at : -1;
                    next = now.First;
                    break;
                default:
                    at = IsAt(now.Kind, text, at) ? at : -1;
                    break;
            }

            if (at < 0)
            {
                if (_depth == floor)
                    return -1;

                ref Choice last = ref _stack[_depth - 1];
                (next, at) = (last.Step, last.At);
                if (at > last.Least)
                    last.At = CodePoint.Before(text, at);   // the run gives back one more when this fails, too
                else
                    _depth--;
            }

            step = next;
        }
    }

    private int TakeRun(Pattern.Step run, ReadOnlySpan<byte> text, int at, int next)
    {
        CharacterSet set = run.Set!;
        int count = 0, least = at;
        for (; count < run.Most && at < text.Length && set.Contains(CodePoint.At(text, at, out int length)); count++)
        {
            at += length;
            if (count + 1 == run.Least)
                least = at;
        }

        if (count < run.Least)
            return -1;
        if (at > least && !run.Possessive)
            Push(new(next, CodePoint.Before(text, at), least));
        return at;
    }

    private static bool IsAt(PatternStep place, ReadOnlySpan<byte> text, int at)
    {
        if (place == PatternStep.Begin)
            return at == 0;
        if (place == PatternStep.End)
            return at == text.Length;

        bool before = at > 0 && IsWord(text, CodePoint.Before(text, at)), here = at < text.Length && IsWord(text, at);
        return before != here == (place == PatternStep.Boundary);
    }

    private static bool IsWord(ReadOnlySpan<byte> text, int at) => (CodePoint.ClassesAt(text, at, out _) & PatternParser.Word) != 0;

    private void Push(Choice choice)
    {
        if (_depth == _stack.Length)
            Array.Resize(ref _stack, 2 * _depth);
        _stack[_depth++] = choice;
    }

    /// <summary>Where to go on if what comes fails: at a step, from any place between two.</summary>
    private record struct Choice(int Step, int At, int Least);
}
