namespace Thimble.Grammar;

/// <summary>A rule that a term says.</summary>
/// <param name="name">Its name, for messages.</param>
internal sealed class TermRule(string name) : Rule
{
    private bool[]? _first;

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>What it says; set once.</summary>
    public Automaton Body { get; set; } = null!;

    /// <inheritdoc />
    public override bool CanBeEmpty => Nullable ?? Body.Start.Accepts;

    /// <summary>Whether it may be left without a byte, calls looked through; null where nobody looked.</summary>
    public bool? Nullable { get; set; }

    /// <inheritdoc />
    public override void Enter(byte value, Frame parent, Threads next)
    {
        if ((_first ??= Body.Start.FirstBytes())[value])
            TermFrame.Step(Body.Start, parent, value, next, mayEnd: false);   // left at once, it is the caller's to go on
    }
}
