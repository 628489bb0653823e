using Thimble.Models.Blocks;
using Thimble.Sampling;

namespace Thimble.Tests.Library;

public class PromptTests
{
    private const int Start = 4, Count = 6;

    private static readonly GenerationOptions s_options = new() { MaxTokens = 8, Sampling = new() { Temperature = 0 } };

    [Fact]
    public async Task Vectors_of_tokens_are_read_as_the_tokens()
    {
        using var model = Model.Open(Golden.Path("stories260K/stories260K.bin"), new() { Threads = 1 });
        int[] tokens = Tokens(model);
        using Session plain = model.CreateSession(), given = model.CreateSession();
        string text = await plain.Continue(tokens, s_options).TextAsync();
        Assert.Equal(text, await given.Continue(With(model, tokens), s_options).TextAsync());
    }

    [Fact]
    public async Task What_a_session_shares_with_a_prompt_is_kept()
    {
        using var model = Model.Open(Golden.Path("stories260K/stories260K.bin"), new() { Threads = 1 });
        Prompt prompt = With(model, Tokens(model)), other = With(model, Tokens(model), change: 0.5f);
        using Session session = model.CreateSession();
        Generation first = session.Continue(prompt, s_options);
        string text = await first.TextAsync();
        Generation again = session.Continue(prompt, s_options);
        Assert.Equal(text, await again.TextAsync());
        Assert.Equal(prompt.Length - 1, again.Timings.CachedTokens);
        Generation different = session.Continue(other, s_options);
        await different.TextAsync();
        Assert.Equal(Start, different.Timings.CachedTokens);
    }

    [Fact]
    public async Task A_session_can_be_cut_among_vectors()
    {
        using var model = Model.Open(Golden.Path("stories260K/stories260K.bin"), new() { Threads = 1 });
        Prompt prompt = With(model, Tokens(model));
        using Session session = model.CreateSession(), fresh = model.CreateSession();
        string text = await session.Continue(prompt, s_options).TextAsync();
        session.RollBack(Start + 2);
        Assert.Equal(Start + 2, session.Length);
        Assert.Equal(text, await session.Continue(prompt, s_options).TextAsync());
    }

    [Fact]
    public void Ids_of_images_are_taken_from_prompts_only()
    {
        using var model = Model.Open(Golden.Path("stories260K/stories260K.bin"), new() { Threads = 1 });
        using Session session = model.CreateSession();
        Assert.Throws<ArgumentException>(() => session.Continue([1, 2, -3], s_options));
        var inserts = new Inserts();
        inserts.Add(0, new(new float[3], 3));
        Assert.Throws<ArgumentException>(() => session.Continue(new Prompt([.. inserts.All[0].Rows.Ids], inserts), s_options));
    }

    private static int[] Tokens(Model model) => model.Tokenizer.Encode("Once upon a time there was a little dog who liked to run in the park");

    private static Prompt With(Model model, int[] tokens, float change = 0)
    {
        float[] table = model.File.Vector("token_embd.weight");
        float[] vectors = [.. Enumerable.Range(Start, Count).SelectMany(i => table[(tokens[i] * model.Width)..((tokens[i] + 1) * model.Width)])];
        vectors[0] += change;
        var rows = new GivenRows(vectors, model.Width);
        int[] ids = [.. tokens];
        rows.Ids.CopyTo(ids.AsSpan(Start));
        var inserts = new Inserts();
        inserts.Add(Start, rows);
        return new(ids, inserts);
    }
}
