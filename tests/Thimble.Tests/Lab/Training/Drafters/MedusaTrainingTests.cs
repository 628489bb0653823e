using Thimble.Lab.Training;
using Thimble.Sampling;
using Thimble.Speculative;
using Thimble.Tests.Library.Speculative;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training.Drafters;

/// <summary>Heads learn from texts that their model writes.</summary>
public sealed class MedusaTrainingTests : IDisposable
{
    private readonly Desk _desk = new(Golden.Path("stories260K/stories260K.bin"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _desk.Dispose();
        _folder.Dispose();
    }

    [Fact, Trait("Speed", "Slow")]
    public void Trained_heads_guess_what_comes_after_the_next_token_and_the_text_stays()
    {
        int[] prompt = _desk.Tokenizer.Encode("Once upon a time"), plain = _desk.Write(prompt, 120, SamplingOptions.Greedy);
        using (var training = new MedusaTraining(_desk.Decoder, heads: 2, _desk.Team))
        {
            training.Read([.. prompt, .. plain]);
            double first = training.Epoch(3e-3f)[0].Loss, last = 0;
            for (int epoch = 0; epoch < 30; epoch++)
                last = training.Epoch(3e-3f)[0].Loss;
            Assert.True(last < first / 2, $"{first} then {last}");
            training.Save(_folder["heads.safetensors"]);
        }

        using var heads = MedusaHeads.Open(_folder["heads.safetensors"], _desk.Decoder.Embedding.Width, _desk.Vocabulary);
        using var speculation = new Speculation(new MedusaDrafter(heads, _desk.Team) { Levels = [2, 2] }, Desk.Pace(4));
        Assert.Equal(plain, _desk.Write(prompt, 120, SamplingOptions.Greedy, speculation));
        Assert.True(speculation.Counts.Accepted > 40, $"{speculation.Counts.Accepted} accepted");
    }

    [Fact]
    public void Heads_begin_as_the_models_own()
    {
        using var training = new MedusaTraining(_desk.Decoder, heads: 1, _desk.Team);
        training.Save(_folder["heads.safetensors"]);
        using var heads = MedusaHeads.Open(_folder["heads.safetensors"], _desk.Decoder.Embedding.Width, _desk.Vocabulary);
        using var scratch = new Thimble.Compute.Memory.Arena();
        float[] state = [.. Enumerable.Range(0, heads.Width).Select(i => MathF.Sin(i))];
        int best = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(heads.Score(0, state, scratch, _desk.Team));
        float[] row = new float[heads.Width];
        double[] own = [.. Enumerable.Range(0, heads.Vocabulary).Select(id =>
        {
            _desk.Decoder.Head!.Output.Parts[0].Decode(id, row);
            return row.Zip(state, (a, b) => (double)a * b).Sum();
        })];
        Assert.Equal(own.Max(), own[best], 1e-2);
    }
}
