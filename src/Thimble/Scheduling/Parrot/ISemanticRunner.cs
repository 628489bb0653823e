namespace Thimble.Scheduling;

/// <summary>Who runs the calls of a session: a <see cref="Parrot"/> in this process, or a server that has one.</summary>
internal interface ISemanticRunner
{
    /// <summary>A new variable of a session.</summary>
    SemanticVariable Make(SemanticSession session, string name);

    /// <summary>Takes a call in.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="function">What it runs.</param>
    /// <param name="variables">What its names are bound to; it is the call's own.</param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="ArgumentException">The call cannot be.</exception>
    SemanticCall Submit(SemanticSession session, SemanticFunction function, Dictionary<string, SemanticVariable> variables, SemanticCallOptions options);

    /// <summary>Asks for a value and waits for it.</summary>
    Task<string> AskAsync(SemanticVariable variable, SemanticCriterion criterion, CancellationToken cancellationToken);

    /// <summary>Gives a value.</summary>
    /// <exception cref="InvalidOperationException">It has one, or a call writes it.</exception>
    void Give(SemanticVariable variable, string value);

    /// <summary>Ends a session.</summary>
    void Close(SemanticSession session);
}
