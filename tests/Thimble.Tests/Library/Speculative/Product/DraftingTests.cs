using Thimble.Tests.Models;
using Thimble.Tests.Models.Adapters;

namespace Thimble.Tests.Library.Speculative.Product;

/// <summary>Whatever else is in force, drafts change no token.</summary>
public sealed class DraftingTests : IDisposable
{
    private const string Story = "Once upon a time there was a dog. The dog was big. Once upon a time there was a";

    private static readonly GenerationOptions s_options = new() { MaxTokens = 48, IgnoreEnd = true, Sampling = new() { Seed = 5 } };

    private readonly Model _plain = Model.OpenDefault(), _drafted = Model.OpenDefault(new() { Draft = Golden.Path("ple-tinystories-int4/ple-c3M-s0.bin") });

    public void Dispose()
    {
        _plain.Dispose();
        _drafted.Dispose();
    }

    public static TheoryData<string> Patterns => ["[a-z ]+", "( dog| cat){3,9}\\.", "(1234567890)+", "[A-Z]{5,40}"];

    [Theory, MemberData(nameof(Patterns))]
    public async Task A_grammar_is_kept_even_one_that_forbids_every_guess(string pattern)
    {
        GenerationOptions options = s_options with { Format = OutputFormat.Regex(pattern), IgnoreEnd = false };
        Generation plain = _plain.Generate(Story, options), drafted = _drafted.Generate(Story, options);
        Assert.Equal(await plain.TextAsync(), await drafted.TextAsync());
        Assert.Equal(plain.FinishReason, drafted.FinishReason);
    }

    [Fact]
    public async Task A_grammar_with_one_way_on_takes_no_guess_that_leaves_it()
    {
        Generation drafted = _drafted.Generate(Story, s_options with { Format = OutputFormat.Choice(" xylophone xylophone xylophone xylophone") });
        Assert.Equal(" xylophone xylophone xylophone xylophone", await drafted.TextAsync());
    }

    [Fact]
    public async Task An_adapter_is_in_force_in_every_row()
    {
        using var folder = new TemporaryFolder();
        string path = new TinyAdapter(_plain.File, seed: 3) { Alpha = 24 }.Change(3, "attn_", "ffn_").Write(folder["a.gguf"]);
        using Adapter one = _plain.LoadAdapter(path), two = _drafted.LoadAdapter(path);
        string expected = await _plain.Generate(Story, s_options with { Adapters = [new(one)] }).TextAsync();
        Assert.Equal(expected, await _drafted.Generate(Story, s_options with { Adapters = [new(two)] }).TextAsync());
        Assert.NotEqual(expected, await _drafted.Generate(Story, s_options).TextAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(19)]
    public async Task Cancelled_while_guesses_are_checked_the_text_so_far_is_right_and_goes_on(int after)
    {
        string whole = await _plain.Generate(Story, s_options with { MaxTokens = 400 }).TextAsync();
        using Session session = _drafted.CreateSession();
        Generation cut = session.Generate(Story, s_options with { MaxTokens = 400 });
        string text = await Cut(cut, after);
        Assert.Equal(FinishReason.Cancelled, cut.FinishReason);
        Assert.StartsWith(text, whole, StringComparison.Ordinal);
        int[] tokens = session.Tokens();
        using Session fresh = _plain.CreateSession();
        Assert.Equal(await fresh.Continue(tokens, s_options).TextAsync(), await session.Continue(tokens, s_options).TextAsync());
    }

    [Theory]
    [InlineData("lookahead", 24)]
    [InlineData("exit:3", 24)]
    [InlineData("lookup", 26)]
    [InlineData("stories260K/stories260K.bin", 27)]
    [InlineData("ple-tinystories-int4/gru-c1.5M-s0.bin", 30)]
    public async Task A_context_nearly_full_ends_as_without_guesses(string draft, int context)
    {
        using var plain = Model.OpenDefault(new() { ContextLength = context });
        using var drafted = Model.OpenDefault(new() { ContextLength = context, Draft = draft.Contains('/', StringComparison.Ordinal) ? Golden.Path(draft) : draft });
        GenerationOptions options = s_options with { MaxTokens = null };
        Generation one = plain.Generate(Story, options), two = drafted.Generate(Story, options);
        Assert.Equal((await one.TextAsync(), FinishReason.ContextFull), (await two.TextAsync(), two.FinishReason));
    }

    [Fact]
    public async Task Texts_of_unequal_luck_side_by_side_are_those_alone()
    {
        string[] prompts = [Story, "The", "One day Lily saw a frog. One day Lily saw a", "Mom said"];
        string[] alone = await Task.WhenAll(prompts.Select(prompt => _plain.Generate(prompt, s_options).TextAsync()));
        Generation[] together = [.. prompts.Select(prompt => _drafted.Generate(prompt, s_options))];
        Assert.Equal(alone, await Task.WhenAll(together.Select(generation => generation.TextAsync())));
        Assert.All(together, generation => Assert.True(generation.Drafts.Accepted <= generation.Drafts.Drafted && generation.Drafts.Steps <= 48));
    }

    private static async Task<string> Cut(Generation generation, int after)
    {
        string text = "";
        await foreach (GeneratedToken token in generation.Tokens())
        {
            text += token.Text;
            if (--after == 0)
                generation.Cancel();
        }

        return text;
    }
}
