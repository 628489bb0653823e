using System.Net;
using System.Text.Json;

namespace Thimble.Scheduling;

/// <summary>A session whose calls a server runs. It keeps the graph as a <see cref="Parrot"/> does, so that what cannot be is refused here.</summary>
/// <param name="client">The way to the server.</param>
internal sealed class RemoteRunner(ParrotClient client) : ISemanticRunner
{
    private const int WaitSeconds = 30;   // for one request: what stands between may cut off longer ones

    private readonly Lock _lock = new();
    private readonly Dictionary<SemanticVariable, string> _ids = [];   // the server's
    private readonly HashSet<SemanticVariable> _told = [];   // those that the server hears of, with or without an answer yet
    private RemoteBatch _batch = new();
    private Task _sent = Task.CompletedTask;
    private long _made;
    private bool _closed;

    public SemanticVariable Make(SemanticSession session, string name)
    {
        lock (_lock)
        {
            RequireOpen(session);
            return new SemanticVariable(session, $"c{++_made}", name);
        }
    }

    public SemanticCall Submit(SemanticSession session, SemanticFunction function, Dictionary<string, SemanticVariable> variables, SemanticCallOptions options)
    {
        foreach (string transform in options.Transforms.Values)
            CallPrompt.RequireKnown(transform);
        foreach (GenerationOptions generation in options.Outputs.Values.Append(options.Generation))
            RemoteOptions.Require(generation);
        lock (_lock)
        {
            RequireOpen(session);
            CallBinding.Require(session, function, variables);
            SemanticCall call = CallBinding.Bind(session, function, variables, options, output => new(session, $"c{++_made}", output));
            _batch.Add(call);
            return call;
        }
    }

    public async Task<string> AskAsync(SemanticVariable variable, SemanticCriterion criterion, CancellationToken cancellationToken)
    {
        if (variable.IsSettled)
            return await variable.Task.ConfigureAwait(false);

        string? id;
        lock (_lock)
        {
            RequireOpen(variable.Session);
            _batch.Mention(variable);
        }

        try
        {
            await SendAsync(variable.Session).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Closed(variable.Session);
        }

        lock (_lock)
            id = _ids[variable];
        while (!variable.IsSettled)
            await AskOnceAsync(variable, id, criterion, cancellationToken).ConfigureAwait(false);
        return await variable.Task.ConfigureAwait(false);
    }

    public void Give(SemanticVariable variable, string value)
    {
        lock (_lock)
        {
            RequireOpen(variable.Session);
            if (variable.IsSettled || variable.Producer is not null)
                throw new InvalidOperationException($"The variable '{variable.Name}' {(variable.IsSettled ? "has a value" : "is written by a call")}; give values to others only.");
            variable.Settle(value, [], null);
            _batch.Give(variable, value);
            if (!_told.Contains(variable))
                return;   // it goes along with the first call that reads it
        }

        _ = SendAsync(variable.Session);
    }

    public void Close(SemanticSession session)
    {
        lock (_lock)
        {
            if (_closed)
                return;
            _closed = true;
        }

        session.Stop.Cancel();
        _ = EndAsync(session);
    }

    /// <summary>Sends what was made since the last time, after what was sent before.</summary>
    private Task SendAsync(SemanticSession session)
    {
        lock (_lock)
        {
            RemoteBatch batch = _batch;
            if (!batch.IsEmpty)
            {
                _batch = new();
                _told.UnionWith(batch.Variables);
                _sent = SendAsync(session, batch, _sent);
            }

            return _sent;
        }
    }

    private async Task SendAsync(SemanticSession session, RemoteBatch batch, Task before)
    {
        await Task.Yield();   // out of the lock
        await before.ConfigureAwait(false);
        using JsonDocument answer = await client.SendAsync(HttpMethod.Post, "v1/semantic-calls", json => batch.Write(json, session.Id), session.Stop.Token).ConfigureAwait(false);
        lock (_lock)
            batch.Take(answer.RootElement, _ids);
    }

    /// <summary>One request for a value: it may come back without one.</summary>
    private async Task AskOnceAsync(SemanticVariable variable, string id, SemanticCriterion criterion, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, variable.Session.Stop.Token);
        string wanted = criterion == SemanticCriterion.Latency ? "latency" : "throughput";
        try
        {
            using JsonDocument answer = await client.SendAsync(
                HttpMethod.Get, $"v1/semantic-variables/{Uri.EscapeDataString(id)}?criterion={wanted}&wait={WaitSeconds}", null, either.Token).ConfigureAwait(false);
            if (answer.RootElement.GetProperty("state").GetString() == "ready")
                variable.Settle(answer.RootElement.GetProperty("value").GetString()!, [], null);
        }
        catch (HttpRequestException refusal) when (refusal.StatusCode is HttpStatusCode.FailedDependency)
        {
            variable.Fail(new InvalidOperationException(refusal.Message, refusal));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            variable.Fail(Closed(variable.Session));
        }
    }

    private async Task EndAsync(SemanticSession session)
    {
        try
        {
            using JsonDocument _ = await client.SendAsync(HttpMethod.Delete, $"v1/sessions/{session.Id}", null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or ObjectDisposedException or OperationCanceledException or JsonException)
        {
            // the server ends it by itself, once nobody has used it for long
        }
    }

    private static ObjectDisposedException Closed(SemanticSession session) => new(session.Id, $"The session '{session.Id}' was closed.");

    private void RequireOpen(SemanticSession session) => ObjectDisposedException.ThrowIf(_closed, session);
}
