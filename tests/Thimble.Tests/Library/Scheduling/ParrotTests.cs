using Thimble.Scheduling;

namespace Thimble.Tests.Library.Scheduling;

public sealed class ParrotTests : IDisposable
{
    private static readonly SemanticCallOptions s_short = new() { Generation = new() { MaxTokens = 12, IgnoreEnd = true, Sampling = SamplingOptions.Greedy } };
    private static readonly SemanticFunction s_map = new("Once there was {{input:part}}. It said{{output:said}}");
    private static readonly string s_long = string.Concat(Enumerable.Repeat("Once there was a big red ball and a small dog. ", 12));

    private readonly Model _model = Model.OpenDefault();
    private readonly Parrot _parrot;

    public ParrotTests() => _parrot = new Parrot([_model]);

    public void Dispose()
    {
        _parrot.Dispose();
        _model.Dispose();
    }

    [Fact]
    public async Task A_chain_writes_what_its_calls_write_one_by_one()
    {
        using SemanticSession session = _parrot.OpenSession();
        var first = new SemanticFunction("Once upon a time{{output:a}}");
        var second = new SemanticFunction("The dog.{{input:a}} Then{{output:b}}");
        SemanticVariable b = session.Call(second, new() { ["a"] = session.Call(first, [], s_short)["a"] }, s_short)["b"];
        string text = await b.GetAsync();
        string a = await _model.Generate("Once upon a time", s_short.Generation).TextAsync();
        Assert.Equal(await _model.Generate($"The dog.{a} Then", s_short.Generation).TextAsync(), text);
    }

    [Fact]
    public async Task Calls_may_be_made_before_those_they_wait_for_and_nothing_runs_unasked()
    {
        using SemanticSession session = _parrot.OpenSession();
        SemanticVariable a = session.Variable("a"), given = session.Variable("given");
        SemanticCall last = session.Call(new("The{{input:a}} and{{output:b}}"), new() { ["a"] = a }, s_short);
        SemanticCall before = session.Call(new("A{{input:given}}{{output:a}}"), new() { ["given"] = given, ["a"] = a }, s_short);
        SemanticCall unasked = session.Call(new("No{{output:c}}"), [], s_short);
        Task<string> asked = last["b"].GetAsync();
        Assert.Equal((2, 1), (last.Depth, before.Depth));
        given.Set(" cat");
        Assert.NotEmpty(await asked);
        Assert.Equal((true, false), (a.IsReady, unasked["c"].IsReady));
    }

    [Theory]
    [InlineData(SemanticCriterion.Latency, 6), InlineData(SemanticCriterion.Throughput, 6)]
    public async Task What_is_asked_for_decides_how_calls_run(SemanticCriterion criterion, int together)
    {
        List<CallTrace> trace = [];
        _parrot.Trace = trace.Add;
        using SemanticSession session = _parrot.OpenSession();
        SemanticVariable all = MapReduce(session, 6);
        await all.GetAsync(criterion);
        Assert.Equal(together, trace.Take(6).Max(call => call.Beside));
        Assert.Equal(criterion == SemanticCriterion.Latency ? CallObjective.Group : CallObjective.Throughput, trace[0].Objective);
        Assert.Equal(criterion == SemanticCriterion.Latency ? CallObjective.Latency : CallObjective.Throughput, trace[^1].Objective);
    }

    [Fact]
    public async Task Single_calls_wanted_soon_run_in_small_batches_and_those_wanted_some_time_in_large_ones()
    {
        Assert.Equal((2, 6), (await Most(SemanticCriterion.Latency), await Most(SemanticCriterion.Throughput)));

        async Task<int> Most(SemanticCriterion criterion)
        {
            List<CallTrace> trace = [];
            using var parrot = new Parrot([_model], new() { LatencyCalls = 2 }) { Trace = trace.Add };
            using SemanticSession session = parrot.OpenSession();
            SemanticVariable[] said = [.. Enumerable.Range(0, 6).Select(i => session.Call(s_map, new() { ["part"] = session.Variable("part", $"cat {i}") }, s_short)["said"])];
            await Task.WhenAll(said.Select(variable => variable.GetAsync(criterion)));
            return trace.Max(call => call.Beside);
        }
    }

    [Fact]
    public async Task A_beginning_that_was_itself_written_is_shared()
    {
        using SemanticSession session = _parrot.OpenSession();
        SemanticCallOptions write = new() { Generation = s_short.Generation with { MaxTokens = 150 } };
        SemanticVariable story = session.Call(new("Once upon a time{{output:story}}"), [], write)["story"];
        await story.GetAsync();
        long saved = _model.Engine.Statistics.SavedTokens;
        SemanticVariable x = session.Call(new("Once upon a time{{input:story}} The dog{{output:x}}"), new() { ["story"] = story }, s_short)["x"];
        await x.GetAsync();
        Assert.InRange(_model.Engine.Statistics.SavedTokens - saved, 150, 160);
    }

    [Fact]
    public async Task Tenants_share_no_beginning()
    {
        foreach (string tenant in (string[])["a", "b"])
        {
            using SemanticSession session = _parrot.OpenSession(tenant);
            await session.Call(new(s_long + "{{output:x}}"), [], s_short)["x"].GetAsync();
        }

        Assert.Equal(0, _model.Engine.Statistics.SavedTokens);
    }

    [Fact]
    public async Task Closing_a_session_gives_back_its_memory_and_tells_who_waits()
    {
        using var model = Model.OpenDefault(new() { PrefixTokens = 0 });
        using var parrot = new Parrot([model]);
        SemanticSession session = parrot.OpenSession();
        await session.Call(new("Once{{output:x}}"), [], s_short)["x"].GetAsync();
        Task<string> never = session.Variable("never").GetAsync();
        session.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => never);
        await model.Generate("The", s_short.Generation).TextAsync();
        model.Engine.Use(static _ => { });
        Assert.Equal((0, 0), (parrot.Sessions, model.Engine.Statistics.Running));
        Assert.Throws<ObjectDisposedException>(() => session.Variable("late"));
    }

    [Fact]
    public void A_call_that_would_wait_for_itself_is_refused()
    {
        using SemanticSession session = _parrot.OpenSession();
        SemanticVariable a = session.Variable("a"), b = session.Variable("b");
        var function = new SemanticFunction("{{input:x}}{{output:y}}");
        session.Call(function, new() { ["x"] = a, ["y"] = b });
        Assert.Throws<ArgumentException>(() => session.Call(function, new() { ["x"] = b, ["y"] = a }));
        Assert.Throws<ArgumentException>(() => session.Call(function, new() { ["x"] = a, ["y"] = b }));
        Assert.Throws<ArgumentException>(() => session.Call(function, []));
        Assert.Throws<ArgumentException>(() => new SemanticFunction("nothing"));
        Assert.Throws<NotSupportedException>(() => session.Call(function, new() { ["x"] = a }, new() { Transforms = new Dictionary<string, string> { ["x"] = "upper" } }));
    }

    [Fact]
    public async Task A_failure_comes_out_where_it_is_asked_for()
    {
        using SemanticSession session = _parrot.OpenSession();
        SemanticVariable x = session.Call(new("{{input:json}}{{output:x}}"), new() { ["json"] = session.Variable("json", "{\"a\": 1}") },
            s_short with { Transforms = new Dictionary<string, string> { ["json"] = "json:b" } })["x"];
        SemanticVariable y = session.Call(new("The{{input:x}}{{output:y}}"), new() { ["x"] = x }, s_short)["y"];
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() => y.GetAsync());
        Assert.Contains("field 'b'", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => x.GetAsync());
    }

    [Fact]
    public async Task A_request_from_far_away_finds_its_own_session_only()
    {
        using SemanticSession session = _parrot.OpenSession("a");
        SemanticCallRequest request = new(session.Id, "The {{input:what}}{{output:x}}", [new("what", Value: "dog"), new("x", Generation: s_short.Generation)]);
        Assert.Null(request.Submit(_parrot, "b"));
        SemanticVariable x = request.Submit(_parrot, "a")!["x"];
        Assert.Null(_parrot.FindVariable(x.Id, "b"));
        string text = await _parrot.FindVariable(x.Id, "a")!.GetAsync();
        Assert.Equal(new SemanticVariableAnswer(x.Id, "x", "ready", text, null), SemanticVariableAnswer.Of(x));
        Assert.Equal(await _model.Generate("The dog", s_short.Generation).TextAsync(), text);
    }

    private static SemanticVariable MapReduce(SemanticSession session, int parts)
    {
        SemanticVariable[] said = [.. Enumerable.Range(0, parts).Select(i => session.Call(s_map, new() { ["part"] = session.Variable("part", $"cat number {i}") }, s_short)["said"])];
        string gaps = string.Concat(Enumerable.Range(0, parts).Select(i => $"{{{{input:s{i}}}}} "));
        return session.Call(new(gaps + "Then{{output:all}}"), said.Select((variable, i) => (variable, i)).ToDictionary(pair => $"s{pair.i}", pair => pair.variable), s_short)["all"];
    }
}
