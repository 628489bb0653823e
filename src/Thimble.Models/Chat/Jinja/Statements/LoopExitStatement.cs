namespace Thimble.Models.Chat;

/// <summary><c>{% break %}</c> or <c>{% continue %}</c>.</summary>
internal sealed class LoopExitStatement(Flow flow) : Statement
{
    public override Flow Run(Scope scope) => flow;
}
