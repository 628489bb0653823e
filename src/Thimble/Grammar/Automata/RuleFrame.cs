namespace Thimble.Grammar;

/// <summary>The place before a rule that must come.</summary>
internal sealed class RuleFrame(Rule rule, Frame parent) : Frame(parent)
{
    /// <summary>The rule.</summary>
    public Rule Rule { get; } = rule;

    /// <inheritdoc />
    public override bool CanEnd => Rule.CanBeEmpty && Parent!.CanEnd;

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        Rule.Enter(value, Parent!, next);
        if (Rule.CanBeEmpty)
            Parent!.Step(value, next);
    }

    private protected override bool IsAlike(Frame other) => other is RuleFrame rule && ReferenceEquals(rule.Rule, Rule);
}
