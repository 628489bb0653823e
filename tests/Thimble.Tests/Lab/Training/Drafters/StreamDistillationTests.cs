using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Sampling;
using Thimble.Speculative;
using Thimble.Tests.Library.Speculative;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training.Drafters;

/// <summary>A story model of 512 tokens learns from one of 4096 while it guesses for it.</summary>
public class StreamDistillationTests
{
    private static readonly string[] s_prompts = ["Once upon a time", "The dog", "Lily saw", "One day", "Tom and his mom", "A little bird"];

    [Fact]
    public void What_is_learnt_moves_the_drafter_toward_the_target()
    {
        using var team = new Team(1);
        using StreamDistillation learner = Begin(team);
        float[] wish = [.. Enumerable.Range(0, 512).Select(i => i == 300 ? 0.9f : 0.1f / 511)];
        double before = double.NaN;
        for (int i = 0; i < 24; i++)
        {
            learner.Take(new([1, 403, 407, 300], 3, [wish]));
            Assert.True(learner.Study());
            before = i == 0 ? learner.Loss : before;
        }

        Assert.True(learner.Loss < before / 2, $"{before} then {learner.Loss}");
        Assert.False(learner.Study());
        Assert.Equal(24, learner.Steps);
    }

    [Fact]
    public void Guesses_are_made_with_what_was_learnt()
    {
        using var team = new Team(1);
        using StreamDistillation learner = Begin(team);
        for (int i = 0; i < 30; i++)
        {
            learner.Take(new([1, 403, 407, 261, 300], 4, [null]));
            learner.Study();
        }

        using Thimble.Models.States.SequenceState text = learner.Model.Start();
        ReadOnlySpan<float> scores = learner.Model.Read(text, [1, 403, 407, 261], null, 1, out _)[0];
        Assert.Equal(300, System.Numerics.Tensors.TensorPrimitives.IndexOfMax(scores));
    }

    [Fact]
    public void A_model_that_cannot_be_trained_is_refused_by_the_name_of_its_part()
    {
        using var team = new Team(1);
        using var file = ModelFile.Open(Golden.Path("ple-tinystories-int4/gru-c1.5M-s0.bin"));
        NotSupportedException refusal = Assert.Throws<NotSupportedException>(() => new StreamDistillation(file, null, 128, team));
        Assert.Contains("cannot be trained", refusal.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Speed", "Slow")]
    public void Over_a_stream_more_guesses_are_taken_and_the_text_stays()
    {
        using var desk = new Desk(Desk.Ple("c3M"));
        using StreamDistillation learner = Begin(desk.Team);
        var memory = new Thimble.Speculative.OmniDraft.Memory(desk.Tokenizer, learner.Model) { Distillation = learner };
        (double first, double last) = (Accepted(desk, memory, learner, rounds: 2), 0);
        Accepted(desk, memory, learner, rounds: 14);
        last = Accepted(desk, memory, learner, rounds: 2);
        Assert.True(learner.Steps > 50 && last > first, $"{first:P1} then {last:P1} after {learner.Steps} steps");
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task In_the_product_it_learns_when_idle_and_is_written_at_the_end()
    {
        using var folder = new TemporaryFolder();
        string learnt = folder["learnt.gguf"];
        DraftLearning.Enable();
        using (var model = Model.OpenDefault(new() { Draft = Golden.Path("stories260K/stories260K.bin"), LearntDraft = learnt }))
        {
            GenerationOptions options = new() { MaxTokens = 120, IgnoreEnd = true, Sampling = SamplingOptions.Greedy };
            foreach (string prompt in s_prompts)
                Assert.Equal(await model.Generate(prompt, options with { Drafts = false }).TextAsync(), await model.Generate(prompt, options).TextAsync());
        }

        Assert.True(File.Exists(learnt));
        using var again = Model.OpenDefault(new() { Draft = learnt });
        Assert.NotEmpty(await again.Generate("The cat", new() { MaxTokens = 20 }).TextAsync());
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task One_text_is_learnt_before_the_model_closes()
    {
        using var folder = new TemporaryFolder();
        DraftLearning.Enable();
        ModelOptions options = new() { Draft = Golden.Path("stories260K/stories260K.bin"), LearntDraft = folder["learnt.gguf"] };
        using (var model = Model.OpenDefault(options))
            await model.Generate("Once upon a time", new() { MaxTokens = 80, IgnoreEnd = true }).TextAsync();
        using ModelFile before = ModelFile.Open(options.Draft), after = ModelFile.Open(options.LearntDraft!);
        Assert.NotEqual(before.Tensor("blk.0.attn_q.weight").Values(), after.Tensor("blk.0.attn_q.weight").Values());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named_before_anything_is_learnt()
    {
        DraftLearning.Enable();
        ModelOptions options = new() { Draft = Golden.Path("stories260K/stories260K.bin"), LearntDraft = Path.Combine("no", "such", "folder.gguf") };
        Assert.Contains("folder is not there", Assert.Throws<ArgumentException>(() => Model.OpenDefault(options)).Message, StringComparison.Ordinal);
    }

    private static StreamDistillation Begin(Team team)
    {
        using var file = ModelFile.Open(Golden.Path("stories260K/stories260K.bin"));
        return new(file, null, 512, team, rate: 1e-3f) { StepsEach = 1 };
    }

    /// <summary>The share of guesses taken over some rounds of prompts.</summary>
    private static double Accepted(Desk desk, Thimble.Speculative.OmniDraft.Memory memory, StreamDistillation learner, int rounds)
    {
        (double drafted, double accepted) = (0, 0);
        for (int round = 0; round < rounds; round++)
        {
            foreach (string prompt in s_prompts)
            {
                using (var speculation = new Speculation(new Thimble.Speculative.OmniDraft(learner.Model, memory) { Adapts = false }, Desk.Pace(4)))
                {
                    desk.Write(desk.Tokenizer.Encode(prompt), 40, new() { Seed = (ulong)round }, speculation);
                    (drafted, accepted) = (drafted + speculation.Counts.Drafted, accepted + speculation.Counts.Accepted);
                }

                while (learner.Study())
                {
                    // until all is learnt
                }
            }
        }

        return accepted / drafted;
    }
}
