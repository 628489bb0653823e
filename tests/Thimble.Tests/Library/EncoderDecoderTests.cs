namespace Thimble.Tests.Library;

public class EncoderDecoderTests
{
    private static readonly GenerationOptions s_greedy = new() { MaxTokens = 12, IgnoreEnd = true, Sampling = SamplingOptions.Greedy };
    private static readonly int[] s_prompt = [5, 9, 33, 12, 3], s_other = [7, 7, 40, 3];

    [Fact]
    public async Task An_answer_depends_on_its_prompt_alone()
    {
        using Model model = Open();
        int[] alone = await Answer(model, s_prompt);
        Task<int[]>[] both = [Answer(model, s_prompt), Answer(model, s_other)];
        Assert.Equal(alone, await both[0]);
        Assert.NotEqual(alone, await both[1]);
    }

    [Fact]
    public async Task A_prompt_is_read_anew_and_a_fork_goes_on_with_what_was_read()
    {
        using Model model = Open();
        using Session session = model.CreateSession();
        await Ids(session.Continue(s_other, s_greedy));
        int[] first = await Ids(session.Continue(s_prompt, s_greedy));
        Assert.Equal(await Answer(model, s_prompt), first);
        Assert.Equal(1 + first.Length, session.Length);
        using Session fork = session.Fork();
        Assert.Equal(session.Tokens(), fork.Tokens());
    }

    [Fact]
    public void Embeddings_come_from_the_encoder()
    {
        using Model model = Open();
        float[][] vectors = model.Embedder.Vectors([s_prompt, s_other], CancellationToken.None);
        Assert.Equal(model.Embedder.Vectors([s_other], CancellationToken.None)[0], vectors[1]);
    }

    private static async Task<int[]> Answer(Model model, int[] prompt)
    {
        using Session session = model.CreateSession();
        return await Ids(session.Continue(prompt, s_greedy));
    }

    private static async Task<int[]> Ids(Generation generation)
    {
        List<int> ids = [];
        await foreach (GeneratedToken token in generation.Tokens())
            ids.Add(token.Id);
        return [.. ids];
    }

    private static Model Open() => Model.Open(Golden.Path("encoders/t5.gguf"), new() { Exact = true });
}
