using Thimble.Models.Blocks;
using Thimble.Models.States;
using Thimble.Tests.Models.Files.Import;

namespace Thimble.Tests.Models.Architectures;

/// <summary>minGPT's sorting model, layer by layer against its authors' activations.</summary>
public class GptNanoLayersTests
{
    [Fact]
    public void Every_layer_gives_the_recorded_activations()
    {
        var partials = new GptNanoPartials();
        using var model = new Runs(GptNano.Open());
        float[][] outcomes = new float[model.Decoder.Layers.Count][];
        model.Decoder.Observer = (layer, x) => outcomes[layer] = x.Matrix.Values.ToArray();

        SequenceState[] states = [.. partials.Ids.Select(_ => model.Start())];
        float[][] logits = model.Feed([.. states.Zip(partials.Ids)]);
        for (int layer = 0; layer < outcomes.Length; layer++)
            Near(partials.Values($"block{layer}"), outcomes[layer]);
        Near(partials.Values("lm_head"), [.. logits.SelectMany(row => row)]);
        foreach (SequenceState state in states)
            state.Dispose();
    }

    [Fact]
    public void Every_step_of_the_first_layer_gives_the_recorded_activations()
    {
        var partials = new GptNanoPartials();
        using var model = new Runs(GptNano.Open());
        var first = model.Decoder.Layers[0];
        var attention = Assert.IsType<Residual>(first.Steps[0]);
        var feedForward = Assert.IsType<Residual>(first.Steps[1]);
        Near(partials.Values("ln1"), Normalised(attention.Before!, partials.Values("x")));
        Near(partials.Values("ln2"), Normalised(feedForward.Before!, partials.Values("attnResid")));
    }

    private static float[] Normalised(Norm norm, float[] x)
    {
        float[] y = new float[x.Length];
        for (int at = 0; at < x.Length; at += 48)
            norm.Apply(x.AsSpan(at, 48), y.AsSpan(at, 48));
        return y;
    }

    private static void Near(float[] expected, float[] got)
    {
        Assert.Equal(expected.Length, got.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(got[i], expected[i] - 2e-5f * (1 + Math.Abs(expected[i])), expected[i] + 2e-5f * (1 + Math.Abs(expected[i])));
    }
}
