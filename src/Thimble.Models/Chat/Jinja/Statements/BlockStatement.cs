namespace Thimble.Models.Chat;

/// <summary>Statements in turn.</summary>
internal sealed class BlockStatement(List<Statement> body) : Statement
{
    public override Flow Run(Scope scope)
    {
        foreach (Statement statement in body)
        {
            scope.Rendering.Step();
            Flow flow = statement.Run(scope);
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }
}
