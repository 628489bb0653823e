using Thimble.Compute.Kernels;
using Thimble.Models.Adapters;

namespace Thimble.Lab.Training;

/// <summary>P-tuning: vectors in place of tokens that a small network computes: <c>P = W₃·relu(W₂·relu(W₁·E))</c>, with biases.</summary>
/// <remarks>The network is for training alone; a file holds what it computes. Source: Liu et al., "GPT Understands, Too", 2021, section 2.2; the
/// network of three layers is PEFT's <c>PromptEncoder</c>.</remarks>
internal sealed class PTuning : VirtualTokens
{
    private readonly Parameter _seeds;
    private readonly (Parameter Weight, Parameter Bias)[] _layers;

    /// <param name="table">The embedding's table.</param>
    /// <param name="scale">Factor on its rows.</param>
    /// <param name="tokens">The tokens whose embeddings the network is given at first.</param>
    /// <param name="hidden">Features inside the network.</param>
    /// <param name="random">Draws its weights.</param>
    public PTuning(Parameter table, float scale, int[] tokens, int hidden, Random random)
        : base(tokens.Length)
    {
        int width = table.Columns;
        _seeds = new Parameter("prompt_seeds", SoftPrompt.Rows(table, scale, tokens), width) { IsTrained = true };
        _layers = [Layer(0, width, hidden), Layer(1, hidden, hidden), Layer(2, hidden, width)];

        (Parameter, Parameter) Layer(int number, int inputs, int outputs) =>
            (new Parameter($"prompt_encoder.{number}", Drawn.Uniform(outputs, inputs, random), inputs) { IsTrained = true },
            new Parameter($"prompt_encoder.{number}.bias", new float[outputs], outputs) { IsTrained = true });
    }

    /// <inheritdoc />
    public override string Kind => "P_TUNING";

    /// <inheritdoc />
    public override IEnumerable<Parameter> Parameters => [_seeds, .. _layers.SelectMany(layer => (Parameter[])[layer.Weight, layer.Bias])];

    /// <inheritdoc />
    public override Value Embeddings(Tape tape)
    {
        Value x = Held.Of(tape, _seeds);
        for (int i = 0; i < _layers.Length; i++)
        {
            x = LinearMap.Of(tape, x, _layers[i].Weight, _layers[i].Bias);
            if (i + 1 < _layers.Length)
                x = Activation.Of(tape, Nonlinearity.Relu, x);
        }

        return x;
    }

    /// <inheritdoc />
    public override DraftLead Draft(Tape tape) => new(Count, Copy(Embeddings(tape)));
}
