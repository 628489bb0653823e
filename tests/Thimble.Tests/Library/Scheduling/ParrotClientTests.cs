using Thimble.Scheduling;
using Thimble.Tests.Server;

namespace Thimble.Tests.Library.Scheduling;

/// <summary>One program, in this process and on a server.</summary>
public sealed class ParrotClientTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const int Links = 20;

    private static readonly SemanticCallOptions s_short = new() { Generation = new() { MaxTokens = 4, IgnoreEnd = true, Sampling = SamplingOptions.Greedy } };

    [Fact]
    public async Task A_graph_writes_there_what_it_writes_here_in_three_requests()
    {
        using var model = Model.OpenDefault();
        using var parrot = new Parrot([model]);
        using SemanticSession here = parrot.OpenSession();
        var counted = new CountedRequests();
        using HttpClient http = new(counted) { BaseAddress = server.Address };
        using SemanticSession there = await new ParrotClient(http).OpenSessionAsync("stories");
        Assert.Equal(await Chain(here).GetAsync(), await Chain(there).GetAsync());
        Assert.Equal(["POST /v1/sessions", "POST /v1/semantic-calls", "GET /v1/semantic-variables"], counted.Sent);
    }

    [Fact]
    public async Task Calls_made_later_and_values_given_later_are_sent_too()
    {
        using SemanticSession session = await new ParrotClient(server.Client).OpenSessionAsync();
        SemanticVariable topic = session.Variable("topic");
        SemanticVariable story = session.Call(new("A story of {{input:topic}}:{{output:story}}"), new() { ["topic"] = topic }, s_short)["story"];
        Task<string> waiting = story.GetAsync(SemanticCriterion.Throughput);
        topic.Set("a dog");
        string text = await waiting;
        SemanticVariable end = session.Call(new("{{input:story}} So{{output:end}}"), new() { ["story"] = story }, s_short)["end"];
        Assert.NotEmpty(await end.GetAsync());
        Assert.Equal((text, true), (await story.GetAsync(), story.IsReady));
    }

    [Fact]
    public async Task A_map_whose_parts_are_formats_is_reduced()
    {
        using SemanticSession session = await new ParrotClient(server.Client).OpenSessionAsync();
        SemanticCallOptions choice = new() { Generation = s_short.Generation with { IgnoreEnd = false, Format = OutputFormat.Choice("red", "green") } };
        Dictionary<string, SemanticVariable> parts = [];
        for (int i = 0; i < 4; i++)
            parts[$"c{i}"] = session.Call(new($"Colour {i} is {{{{output:colour}}}}"), [], choice)["colour"];
        SemanticVariable all = session.Call(new(string.Concat(parts.Keys.Select(name => $"{{{{input:{name}}}}} ")) + "{{output:all}}"), parts, s_short)["all"];
        await all.GetAsync();
        foreach (SemanticVariable part in parts.Values)
            Assert.Contains(await part.GetAsync(), (string[])["red", "green"]);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_here_and_what_fails_there_is_told()
    {
        using SemanticSession session = await new ParrotClient(server.Client).OpenSessionAsync();
        SemanticVariable a = session.Variable("a");
        SemanticVariable b = session.Call(new("{{input:a}}{{output:b}}"), new() { ["a"] = a })["b"];
        Assert.Throws<ArgumentException>(() => session.Call(new("{{input:b}}{{output:a}}"), new() { ["b"] = b, ["a"] = a }));
        Assert.Throws<NotSupportedException>(() => session.Call(new("{{output:x}}"), [], new() { Generation = new() { ShowSpecial = true } }));
        SemanticVariable bad = session.Call(new("{{input:v}}{{output:y}}"), new() { ["v"] = session.Variable("v", "no JSON") }, new() { Transforms = new Dictionary<string, string> { ["v"] = "json:x" } })["y"];
        InvalidOperationException told = await Assert.ThrowsAsync<InvalidOperationException>(() => bad.GetAsync());
        Assert.Contains("field 'x'", told.Message, StringComparison.Ordinal);
        Task<string> never = b.GetAsync();
        session.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => never);
    }

    [Fact]
    public async Task An_address_is_needed_and_a_model_that_is_not_there_is_named()
    {
        Assert.Throws<ArgumentException>(() => new ParrotClient(new HttpClient()));
        HttpRequestException refused = await Assert.ThrowsAsync<HttpRequestException>(() => new ParrotClient(server.Client).OpenSessionAsync("nobody"));
        Assert.Contains("'nobody'", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Twenty calls, each of which reads what the one before has written.</summary>
    private static SemanticVariable Chain(SemanticSession session)
    {
        SemanticVariable last = session.Variable("start", "Once upon a time");
        for (int i = 0; i < Links; i++)
            last = session.Call(new("The dog. {{input:before}} Then{{output:after}}"), new() { ["before"] = last }, s_short)["after"];
        return last;
    }

    private sealed class CountedRequests() : DelegatingHandler(new HttpClientHandler())
    {
        public List<string> Sent { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Delete)
                Sent.Add($"{request.Method} {string.Join('/', request.RequestUri!.AbsolutePath.Split('/').Take(3))}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
