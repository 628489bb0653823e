namespace Thimble.Grammar;

/// <summary>The place before a rule that must come, behind a little white space.</summary>
internal sealed class RuleFrame(Rule rule, Frame parent, int space = 0) : Frame(parent)
{
    private readonly int _space = space;

    /// <summary>The rule.</summary>
    public Rule Rule { get; } = rule;

    /// <inheritdoc />
    public override bool CanEnd => Rule.CanBeEmpty && Parent!.CanEnd;

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        int space = JsonParts.Space(_space, value, depth: 0);
        if (space >= 0)
            next.Add(new RuleFrame(Rule, Parent!, space));
        Rule.Enter(value, Parent!, next);
        if (Rule.CanBeEmpty)
            Parent!.Step(value, next);
    }

    private protected override bool IsAlike(Frame other) => other is RuleFrame rule && ReferenceEquals(rule.Rule, Rule) && rule._space == _space;
}
