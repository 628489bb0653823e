using Thimble.Tests.Models;
using Thimble.Tests.Models.Adapters;

namespace Thimble.Tests.Library;

public sealed class AdapterTests : IDisposable
{
    private static readonly GenerationOptions s_short = new() { MaxTokens = 20, IgnoreEnd = true, Sampling = SamplingOptions.Greedy };

    private readonly Model _model = Model.OpenDefault(new() { PrefixTokens = 0 });   // what sessions keep is looked at alone
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Generations_side_by_side_tell_what_each_tells_alone()
    {
        using Adapter one = Load("1", 3), two = Load("2", 4);
        GenerationOptions[] uses = [s_short, s_short with { Adapters = [new(one)] }, s_short with { Adapters = [new(two, -1.5f), new(one, 0.5f)] }];
        List<string> alone = [];
        foreach (GenerationOptions use in uses)
            alone.Add(await _model.Generate("The dog", use).TextAsync());
        Assert.Equal(3, alone.Distinct().Count());
        Assert.Equal(alone, await Task.WhenAll(uses.Select(use => _model.Generate("The dog", use).TextAsync())));
    }

    [Fact]
    public async Task A_chat_client_takes_adapters_from_its_options()
    {
        using Adapter adapter = Load("1", 3);
        using Microsoft.Extensions.AI.IChatClient client = _model.AsChatClient();
        Microsoft.Extensions.AI.ChatMessage[] said = [new(Microsoft.Extensions.AI.ChatRole.User, "The dog")];
        Microsoft.Extensions.AI.ChatOptions plain = new() { MaxOutputTokens = 12, Temperature = 0 }, adapted = plain.Clone().WithAdapters(new AppliedAdapter(adapter));
        string one = (await client.GetResponseAsync(said, plain)).Text, other = (await client.GetResponseAsync(said, adapted)).Text;
        Assert.NotEqual(one, other);
        Assert.Equal(one, (await client.GetResponseAsync(said, plain)).Text);
        plain.AdditionalProperties = new() { [ChatAdapters.Key] = 5 };
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync(said, plain));
    }

    [Fact]
    public async Task A_session_never_goes_on_from_what_other_adapters_computed()
    {
        using Adapter adapter = Load("1", 3);
        GenerationOptions adapted = s_short with { Adapters = [new(adapter)] };
        using Session fresh = _model.CreateSession(), used = _model.CreateSession();
        int[] prompt = _model.Tokenizer.Encode("Once upon a time there was a small red ball");
        string expected = await fresh.Continue(prompt, adapted).TextAsync();
        string plain = await used.Continue(prompt, s_short).TextAsync();
        Generation again = used.Continue(prompt, adapted);
        Assert.Equal(expected, await again.TextAsync());
        Assert.Equal(0, again.Timings.CachedTokens);
        Assert.Equal(plain, await used.Continue(prompt, s_short).TextAsync());
        Generation same = used.Continue(prompt, s_short);
        Assert.Equal(plain, await same.TextAsync());
        Assert.Equal(prompt.Length - 1, same.Timings.CachedTokens);
    }

    [Fact]
    public async Task What_is_invoked_counts_from_its_tokens_on()
    {
        int[] prompt = _model.Tokenizer.Encode("Once upon a time there was a small red ball");
        using Adapter always = Load("1", 3), invoked = Load("1i", 3, [prompt[6], prompt[7]]), never = Load("1n", 3, [prompt[7], prompt[6]]);
        string plain = await Text(prompt, s_short);
        Assert.Equal(plain, await Text(prompt, s_short with { Adapters = [new(never)] }));
        string late = await Text(prompt, s_short with { Adapters = [new(invoked)] });
        Assert.NotEqual(plain, late);
        Assert.NotEqual(await Text(prompt, s_short with { Adapters = [new(always)] }), late);
        using Session session = _model.CreateSession();
        await session.Continue(prompt, s_short).TextAsync();
        Generation on = session.Continue(prompt, s_short with { Adapters = [new(invoked)] });
        Assert.Equal(late, await on.TextAsync());
        Assert.Equal(6, on.Timings.CachedTokens);
    }

    [Fact]
    public async Task Letting_go_waits_for_nobody()
    {
        Adapter adapter = Load("1", 3);
        string expected = await _model.Generate("The dog", s_short with { Adapters = [new(adapter)] }).TextAsync();
        Generation running = _model.Generate("The dog", s_short with { Adapters = [new(adapter)] });
        adapter.Dispose();
        adapter.Dispose();
        GC.Collect();
        Assert.Equal(expected, await running.TextAsync());
        Assert.Throws<ObjectDisposedException>(() => _model.Generate("The dog", s_short with { Adapters = [new(adapter)] }));
    }

    [Fact]
    public void Uses_that_cannot_be_are_refused()
    {
        using Adapter adapter = Load("1", 3), invoked = Load("i", 3, [1]), other = Load("j", 3, [2]);
        using var model = Model.OpenDefault();
        Assert.Throws<ArgumentException>(() => model.Generate("x", s_short with { Adapters = [new(adapter)] }));
        Assert.Throws<ArgumentException>(() => _model.Generate("x", s_short with { Adapters = [new(adapter), new(adapter)] }));
        Assert.Throws<ArgumentException>(() => _model.Generate("x", s_short with { Adapters = [new(adapter) { Layers = (3, 2) }] }));
        Assert.Throws<ArgumentException>(() => _model.Generate("x", s_short with { Adapters = [new(invoked), new(other)] }));
    }

    private async Task<string> Text(int[] prompt, GenerationOptions options)
    {
        using Session session = _model.CreateSession();
        return await session.Continue(prompt, options).TextAsync();
    }

    private Adapter Load(string name, int rank, long[]? invocation = null) => _model.LoadAdapter(
        new TinyAdapter(_model.File, seed: rank) { Alpha = 8 * rank }.Change(rank, "attn_", "ffn_").Write(_folder[name + ".gguf"], invocation: invocation));
}
