using Thimble.Lab.Training;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training.Adapters;

/// <summary>Trained adapters of all kinds served by one model, side by side and one after the other.</summary>
public sealed class AdapterServingTests : IDisposable
{
    private static readonly string[] s_kinds = ["dora", "prefix", "prompt", "parallel", "series before"];
    private static readonly GenerationOptions s_short = new() { MaxTokens = 12, IgnoreEnd = true, Sampling = SamplingOptions.Greedy };

    private readonly Model _model = Model.Open(AdaptedModel.Stories);
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Kinds_side_by_side_tell_what_each_tells_alone()
    {
        GenerationOptions[] uses = [s_short, .. s_kinds.Select(kind => Using(Load(kind)))];
        List<string> alone = [];
        foreach (GenerationOptions use in uses)
            alone.Add(await _model.Generate("The dog", use).TextAsync());
        Assert.Equal(uses.Length, alone.Distinct().Count());
        Assert.Equal(alone, await Task.WhenAll(uses.Select(use => _model.Generate("The dog", use).TextAsync())));
    }

    [Theory]
    [InlineData("prefix")]
    [InlineData("prompt")]
    public async Task A_session_swaps_what_stands_before_its_text(string kind)
    {
        GenerationOptions led = Using(Load(kind));
        int[] prompt = _model.Tokenizer.Encode("The dog had a red ball and", addSpecial: true);
        using Session fresh = _model.CreateSession(), session = _model.CreateSession();
        string expected = await fresh.Continue(prompt, led).TextAsync(), plain = await session.Continue(prompt, s_short).TextAsync();
        Assert.Equal(expected, await session.Continue(prompt, led).TextAsync());
        Assert.Equal(prompt.Length + 12, session.Length);
        Assert.Equal(prompt, session.Tokens()[..prompt.Length]);
        Generation again = session.Continue(prompt, led);
        Assert.Equal(expected, await again.TextAsync());
        Assert.True(again.Timings.CachedTokens >= prompt.Length - 1);
        Assert.Equal(plain, await session.Continue(prompt, s_short).TextAsync());
    }

    [Fact]
    public async Task A_session_with_a_prompt_before_it_goes_on_forks_and_rolls_back()
    {
        GenerationOptions led = Using(Load("prompt"));
        using Session session = _model.CreateSession(), whole = _model.CreateSession();
        string first = await session.Generate("The dog", led).TextAsync();
        int length = session.Length;
        using Session fork = session.Fork();
        string next = await session.Generate(" and", led).TextAsync();
        Assert.Equal(next, await fork.Generate(" and", led).TextAsync());
        session.RollBack(length);
        Assert.Equal(length, session.Length);
        Assert.Equal(next, await session.Generate(" and", led).TextAsync());
        Assert.Equal(first, await whole.Generate("The dog", led).TextAsync());
    }

    [Fact]
    public void What_stands_before_a_text_is_used_wholly_or_not_at_all()
    {
        Adapter prompt = Load("prompt");
        Assert.Contains("wholly or not at all", Assert.Throws<ArgumentException>(() => _model.Generate("x", s_short with { Adapters = [new(prompt, 0.5f)] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_of_an_adapter_is_half_of_its_change()
    {
        Adapter dora = Load("dora");
        string none = await _model.Generate("The dog", s_short).TextAsync();
        Assert.Equal(none, await _model.Generate("The dog", s_short with { Adapters = [new(dora, 0)] }).TextAsync());
        Assert.Equal(none, await _model.Generate("The dog", s_short with { Adapters = [new(dora, 1e-6f)] }).TextAsync());
        Assert.NotEqual(none, await _model.Generate("The dog", s_short with { Adapters = [new(dora)] }).TextAsync());
    }

    private static GenerationOptions Using(Adapter adapter) => s_short with { Adapters = [new(adapter)] };

    private Adapter Load(string kind)
    {
        using AdaptedModel trained = new AdaptedModel(AdaptedModel.Stories, LlmAdaptersTests.Options(kind)).Stir(size: 0.4f);
        string path = _folder[kind.Replace(' ', '-')];
        LlmAdapters.Save(path, trained.Graph, trained.Options!, trained.File);
        return _model.LoadAdapter(path);
    }
}
