namespace Thimble.Models.Chat;

/// <summary><c>{% for target in list if condition %}</c>; <c>else</c> runs where nothing was walked.</summary>
internal sealed class ForStatement(
    TemplatePosition at, Target target, Expression list, Expression? condition, BlockStatement body, BlockStatement? otherwise, bool isRecursive)
    : Statement
{
    public override Flow Run(Scope scope) => Walk(scope, list.Evaluate(scope), depth: 1);

    private Flow Walk(Scope scope, JinjaValue over, int depth)
    {
        Rendering rendering = scope.Rendering;
        rendering.At = at;
        var loop = new LoopValue(Chosen(scope, over), rendering, depth, isRecursive ? inner => Deeper(scope, inner, depth) : null);
        bool any = false;
        while (loop.Advance())
        {
            any = true;
            rendering.Step();
            Scope inside = scope.Inner();
            target.Assign(inside, loop.Current);
            inside.Set("loop", loop);
            if (body.Run(inside) == Flow.Break)
                break;
        }
        return any ? Flow.Next : otherwise?.Run(scope.Inner()) ?? Flow.Next;
    }

    private TextValue Deeper(Scope scope, JinjaValue over, int depth)
    {
        scope.Rendering.Enter();
        string text = scope.Rendering.Capture(() => Walk(scope, over, depth + 1));
        scope.Rendering.Leave();
        return new(text);
    }

    /// <summary>The elements that pass the condition, asked only as the loop comes to them: the body may change what the condition reads.</summary>
    private IEnumerable<JinjaValue> Chosen(Scope scope, JinjaValue over)
    {
        foreach (JinjaValue element in scope.Rendering.Elements(over))
        {
            if (condition is not null)
            {
                Scope asked = scope.Inner();
                target.Assign(asked, element);
                if (!condition.Evaluate(asked).IsTrue)
                    continue;
            }
            yield return element;
        }
    }
}
