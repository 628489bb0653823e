using System.Diagnostics;
using System.Diagnostics.Metrics;
using Thimble.Library;
using Thimble.Scheduling;
using Thimble.Server.Access;
using Thimble.Server.Http;

namespace Thimble.Server.Telemetry;

/// <summary>What is counted, timed and traced, by the names of OpenTelemetry's conventions for generative models.</summary>
/// <remarks>Source: OpenTelemetry semantic conventions for generative AI, metrics and spans. Whoever listens to the meter or the source
/// <see cref="Name"/> gets them; <c>/metrics</c> does.</remarks>
internal sealed class Meters : IDisposable
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string Name = "Thimble.Server";

    private readonly Meter _meter;
    private readonly Histogram<double> _duration, _firstToken, _perToken, _request;
    private readonly Histogram<long> _tokens;
    private readonly Counter<long> _rejected;
    private readonly PrometheusText? _text;
    private Admission? _admission;
    private ModelHost? _models;

    public Meters(IMeterFactory meters, Microsoft.Extensions.Options.IOptions<ServerOptions> options)
    {
        _meter = meters.Create(new MeterOptions(Name));
        _duration = _meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "How long an answer took.");
        _tokens = _meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens read and written.");
        _firstToken = _meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "From the model's start to its first token.");
        _perToken = _meter.CreateHistogram<double>("gen_ai.server.time_per_output_token", "s", "From one token to the next.");
        _request = _meter.CreateHistogram<double>("gen_ai.server.request.duration", "s", "How long a request took, waiting included.");
        _rejected = _meter.CreateCounter<long>("thimble.server.rejected", "{request}", "Requests that were not answered.");
        _meter.CreateObservableGauge("thimble.server.running", () => _admission?.Running ?? 0, "{request}", "Requests that compute now.");
        _meter.CreateObservableGauge("thimble.server.waiting", () => _admission?.Waiting ?? 0, "{request}", "Requests that wait for a place.");
        Engine("tokens.read", "{token}", "Prompt tokens computed.", static engine => engine.PromptTokens);
        Engine("tokens.written", "{token}", "Tokens written.", static engine => engine.WrittenTokens);
        Engine("tokens.saved", "{token}", "Prompt tokens that the prefix cache had.", static engine => engine.SavedTokens);
        Engine("preemptions", "{generation}", "Times that a running generation gave up what was computed of it.", static engine => engine.Preemptions);
        Gauge("cache.used", "{page}", "Pages of the cache that somebody uses.", static engine => engine.UsedPages);
        Gauge("cache.free", "{page}", "Pages of the cache that nobody uses.", static engine => engine.FreePages);
        Gauge("generations.running", "{generation}", "Generations that take part in steps.", static engine => engine.Running);
        Gauge("generations.queued", "{generation}", "Generations that wait to be let in.", static engine => engine.Queued);
        _text = options.Value.Metrics ? new PrometheusText(_meter) : null;
    }

    /// <summary>Where activities begin: one for each request that asks a model.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Shows how full a queue is, and what models do.</summary>
    public void Watch(Admission admission, ModelHost models) => (_admission, _models) = (admission, models);

    /// <summary>All figures as Prometheus reads them; null where they are not gathered.</summary>
    public string? Text() => _text?.Write();

    /// <summary>Counts an answered request.</summary>
    public void Answered(Exchange exchange, TimeSpan took)
    {
        RequestFacts facts = exchange.Facts;
        if (facts.Operation is null)
            return;
        TagList tags = Tags(facts.Operation, facts.Model);
        _request.Record(took.TotalSeconds, tags);
        Record(facts, took, tags);
        Describe(exchange);
    }

    /// <summary>Counts what a call of a graph wrote, whoever waits for it.</summary>
    public void Written(string model, GenerationTimings timings)
    {
        var facts = new RequestFacts();
        facts.Count(timings);
        Record(facts, timings.FirstToken + timings.Decode, Tags("text_completion", model));
    }

    /// <summary>Counts a request that was not answered.</summary>
    public void Rejected(int status, string? code) =>
        _rejected.Add(1, new KeyValuePair<string, object?>("http.response.status_code", status), new("error.type", code ?? "other"));

    public void Dispose()
    {
        _text?.Dispose();
        _meter.Dispose();
    }

    private static TagList Tags(string operation, string? model) =>
        new() { { "gen_ai.operation.name", operation }, { "gen_ai.request.model", model }, { "gen_ai.provider.name", "thimble" } };

    private void Record(RequestFacts facts, TimeSpan took, TagList tags)
    {
        _duration.Record(took.TotalSeconds, tags);
        if (facts.FirstToken is { } first)
            _firstToken.Record(first.TotalSeconds, tags);
        if (facts.GeneratedTokens > 1)
            _perToken.Record(facts.Decode.TotalSeconds / (facts.GeneratedTokens - 1), tags);
        _tokens.Record(facts.PromptTokens, [.. tags, new("gen_ai.token.type", "input")]);
        if (facts.GeneratedTokens > 0)
            _tokens.Record(facts.GeneratedTokens, [.. tags, new("gen_ai.token.type", "output")]);
    }

    private void Engine(string name, string unit, string description, Func<EngineStatistics, long> read) =>
        _meter.CreateObservableCounter($"thimble.engine.{name}", () => Measure(read), unit, description);

    private void Gauge(string name, string unit, string description, Func<EngineStatistics, long> read) =>
        _meter.CreateObservableGauge($"thimble.engine.{name}", () => Measure(read), unit, description);

    /// <summary>One number of every open model.</summary>
    private IEnumerable<Measurement<long>> Measure(Func<EngineStatistics, long> read) =>
        (_models?.Engines() ?? []).Select(engine => new Measurement<long>(read(engine.Statistics), new KeyValuePair<string, object?>("gen_ai.request.model", engine.Name)));

    /// <summary>Puts what is known of an answer on its activity. Prompts are no part of it.</summary>
    private static void Describe(Exchange exchange)
    {
        if (exchange.Activity is not { } activity)
            return;
        RequestFacts facts = exchange.Facts;
        activity.DisplayName = $"{facts.Operation} {facts.Model}";
        activity.SetTag("gen_ai.operation.name", facts.Operation);
        activity.SetTag("gen_ai.provider.name", "thimble");
        activity.SetTag("gen_ai.request.model", facts.Model);
        activity.SetTag("gen_ai.usage.input_tokens", facts.PromptTokens);
        activity.SetTag("gen_ai.usage.output_tokens", facts.GeneratedTokens);
        if (facts.Finish is { } finish)
            activity.SetTag("gen_ai.response.finish_reasons", new[] { finish });
    }
}
