namespace Thimble.Models.Tokens;

/// <summary>What one step of a pattern's program does.</summary>
internal enum PatternStep
{
    One, Run, Split, Jump, Look, NotLook, Atomic, Begin, End, Boundary, NoBoundary, Accept,
}

/// <summary>A compiled word pattern: a small program for a backtracking machine with a stack of its own.</summary>
/// <remarks>A run of one class is a single step that gives back character by character, so that neither a long word nor a
/// long run of spaces costs stack. Source: Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009.</remarks>
internal sealed class Pattern
{
    private const int MostSteps = 20_000;
    private readonly List<Step> _steps = [];

    /// <param name="text">The regular expression.</param>
    /// <exception cref="NotSupportedException">It uses what the parser does not know.</exception>
    public Pattern(string text)
    {
        Compile(PatternParser.Parse(text));
        Emit(new(PatternStep.Accept));
        if (_steps.Count > MostSteps)
            throw new NotSupportedException($"The word pattern '{text}' compiles to {_steps.Count} steps; at most {MostSteps} are known to stay fast.");
        Steps = [.. _steps];
    }

    public Step[] Steps { get; }

    /// <summary>Where the match that begins at a place ends, or −1.</summary>
    /// <param name="text">Valid UTF-8.</param>
    /// <param name="at">Where it begins.</param>
    public int Match(ReadOnlySpan<byte> text, int at) => PatternMachine.Mine.Run(Steps, text, at);

    private void Emit(Step step) => _steps.Add(step);

    private void Compile(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.One one:
                Emit(new(PatternStep.One, Set: one.Set));
                break;
            case PatternNode.Row row:
                foreach (PatternNode part in row.Parts)
                    Compile(part);
                break;
            case PatternNode.Choice choice:
                CompileChoice(choice.Parts);
                break;
            case PatternNode.Repeat { Lazy: false, Part: PatternNode.One run } repeat:
                Emit(new(PatternStep.Run, Set: run.Set, Least: repeat.Least, Most: repeat.Most, Possessive: repeat.Possessive));
                break;
            case PatternNode.Repeat { Possessive: true } repeat:
                CompileInside(PatternStep.Atomic, repeat with { Possessive = false });
                break;
            case PatternNode.Repeat repeat:
                CompileRepeat(repeat);
                break;
            case PatternNode.Look look:
                CompileInside(look.Negative ? PatternStep.NotLook : PatternStep.Look, look.Part);
                break;
            case PatternNode.Atomic atomic:
                CompileInside(PatternStep.Atomic, atomic.Part);
                break;
            case PatternNode.Place place:
                Emit(new(place.Step));
                break;
        }
    }

    private void CompileChoice(IReadOnlyList<PatternNode> parts)
    {
        var exits = new List<int>();
        for (int i = 0; i < parts.Count; i++)
        {
            int split = _steps.Count;
            if (i + 1 < parts.Count)
                Emit(new(PatternStep.Split));
            Compile(parts[i]);
            if (i + 1 == parts.Count)
                break;

            exits.Add(_steps.Count);
            Emit(new(PatternStep.Jump));
            _steps[split] = new(PatternStep.Split, First: split + 1, Second: _steps.Count);
        }

        foreach (int exit in exits)
            _steps[exit] = new(PatternStep.Jump, First: _steps.Count);
    }

    /// <summary>Compiles a part that runs on its own; <see cref="Step.First"/> is where the program goes on behind it.</summary>
    private void CompileInside(PatternStep kind, PatternNode part)
    {
        int start = _steps.Count;
        Emit(new(kind));
        Compile(part);
        Emit(new(PatternStep.Accept));
        _steps[start] = new(kind, First: _steps.Count);
    }

    private void CompileRepeat(PatternNode.Repeat repeat)
    {
        for (int i = 0; i < repeat.Least && _steps.Count <= MostSteps; i++)
            Compile(repeat.Part);
        if (repeat.Most == int.MaxValue)
        {
            int split = Fork();
            Compile(repeat.Part);
            Emit(new(PatternStep.Jump, First: split));
            Join(split);
            return;
        }

        var forks = new List<int>();
        for (int i = repeat.Least; i < repeat.Most && _steps.Count <= MostSteps; i++)
        {
            forks.Add(Fork());
            Compile(repeat.Part);
        }

        foreach (int fork in forks)
            Join(fork);

        int Fork()
        {
            Emit(new(PatternStep.Split));
            return _steps.Count - 1;
        }

        void Join(int fork) => _steps[fork] = repeat.Lazy
            ? new(PatternStep.Split, First: _steps.Count, Second: fork + 1)
            : new(PatternStep.Split, First: fork + 1, Second: _steps.Count);
    }

    /// <summary>One step: a set to match, how often, or where to go on.</summary>
    internal sealed record Step(
        PatternStep Kind, CharacterSet? Set = null, int Least = 1, int Most = 1, bool Possessive = false, int First = 0, int Second = 0);
}
