namespace Thimble.Scheduling;

/// <summary>What somebody wants of a value, which tells how the calls that lead to it should run.</summary>
public enum SemanticCriterion
{
    /// <summary>It soon: the last calls run before others, those side by side that lead to one call together.</summary>
    Latency,

    /// <summary>It some time: many calls run at once.</summary>
    Throughput,
}

/// <summary>A text that a call writes or a caller gives, and that other calls read: a future of a prompt's gap.</summary>
public sealed class SemanticVariable
{
    private readonly TaskCompletionSource<string> _value = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal SemanticVariable(SemanticSession session, string id, string name)
    {
        (Session, Id, Name) = (session, id, name);
    }

    /// <summary>The session it belongs to.</summary>
    public SemanticSession Session { get; }

    /// <summary>Names it in its service.</summary>
    public string Id { get; }

    /// <summary>What its function calls it.</summary>
    public string Name { get; }

    /// <summary>Whether its value is there.</summary>
    public bool IsReady => _value.Task.IsCompletedSuccessfully;

    /// <summary>Why there will be no value; null if there may be one.</summary>
    internal Exception? Failure { get; private set; }

    internal SemanticCall? Producer { get; set; }

    internal List<SemanticCall> Consumers { get; } = [];

    /// <summary>What was asked for; null while nobody asked.</summary>
    internal SemanticCriterion? Criterion { get; set; }

    /// <summary>The value as the tokens that a model wrote; empty where it is known as text only.</summary>
    internal int[] Tokens { get; private set; } = [];

    /// <summary>The name of the model whose tokens these are.</summary>
    internal string? Vocabulary { get; private set; }

    /// <summary>The value, once <see cref="IsReady"/>.</summary>
    internal string Text => _value.Task.GetAwaiter().GetResult();

    /// <summary>The value, when it is there.</summary>
    internal Task<string> Task => _value.Task;

    /// <summary>Whether a value or a failure is there.</summary>
    internal bool IsSettled => _value.Task.IsCompleted;

    /// <summary>Asks for the value; that sets the calls going that lead to it.</summary>
    /// <param name="criterion">How it is wanted.</param>
    /// <param name="cancellationToken">Ends the wait; the calls go on.</param>
    /// <returns>The text.</returns>
    /// <exception cref="InvalidOperationException">A call that leads to it failed; the failure is inside.</exception>
    public Task<string> GetAsync(SemanticCriterion criterion = SemanticCriterion.Latency, CancellationToken cancellationToken = default) =>
        Session.Runner.AskAsync(this, criterion, cancellationToken);

    /// <summary>Gives the value.</summary>
    /// <param name="value">The text.</param>
    /// <exception cref="InvalidOperationException">It has a value, or a call writes it.</exception>
    public void Set(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Session.Runner.Give(this, value);
    }

    internal void Settle(string text, int[] tokens, string? vocabulary)
    {
        (Tokens, Vocabulary) = (tokens, vocabulary);
        _value.TrySetResult(text);
    }

    internal void Fail(Exception failure)
    {
        if (IsSettled)
            return;
        Failure = failure;
        _value.TrySetException(failure);
        _ = _value.Task.Exception;   // who never asks is told nothing
    }
}
